/** Somebody else saved the draft meanwhile: says who and when, and lets the author choose between the two drawings. */
export class Overtaken {
  #theirs = '';

  /** @param choices `keep(revision)` writes over theirs, `leave()` goes on with theirs */
  constructor({ keep, leave }) {
    this.notice = document.querySelector('[data-overtaken]');
    this.#button('[data-keep-mine]', () => { this.#close(); keep(this.#theirs); });
    this.#button('[data-take-theirs]', () => { this.#close(); leave(); });
  }

  get isOpen() {
    return this.notice !== null && !this.notice.hidden;
  }

  /** @returns false, for nothing is saved */
  open(words, theirs) {
    this.#theirs = theirs;
    document.querySelectorAll('[data-overtaken-words]').forEach((place) => { place.textContent = words; });
    if (this.notice) this.notice.hidden = false;
    return this.show();
  }

  show() {
    this.notice?.scrollIntoView({ block: 'nearest' });
    return false;
  }

  #close() {
    this.notice.hidden = true;
  }

  #button(selector, act) {
    this.notice?.querySelector(selector)?.addEventListener('click', act);
  }
}
