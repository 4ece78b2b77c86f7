/** Which state of the draft this page has seen: said with each save, so that nobody’s work is written over unseen. */
const HEADER = 'X-Revision';

export class Revision {
  #seen = '';

  get header() {
    return { [HEADER]: this.#seen };
  }

  /** What an answer says of the state that it shows or has just made. */
  note(answer) {
    this.become(answer.headers.get(HEADER) ?? this.#seen);
  }

  /** Of the editor, and of the forms beside it. */
  become(revision) {
    this.#seen = revision;
    document.querySelectorAll('[data-revision]').forEach((box) => { box.value = revision; });
  }
}
