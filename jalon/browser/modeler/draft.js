/** The draft saves itself: a moment after each change, before the page is left, and again after a failure. */
import { reasonOf } from '../diagram/loading.js';
import { Overtaken } from './overtaken.js';

const CALM = 1500;
const RETRY = 5000;
const TIME = new Intl.DateTimeFormat('fr-FR', { hour: '2-digit', minute: '2-digit' });

export class Draft {
  #timer = 0;
  #changed = 0;
  #saved = 0;
  #saving = null;

  /** @param settings `saveUrl` and `csrf` of the host; @param revision what the page has seen; @param onSaved called after each save */
  constructor(modeler, settings, revision, onSaved) {
    this.modeler = modeler;
    this.settings = settings;
    this.revision = revision;
    this.overtaken = new Overtaken({ keep: (theirs) => this.#writeOver(theirs), leave: () => this.#leave() });
    this.onSaved = onSaved;
    modeler.on('commandStack.changed', () => this.#note());
    document.addEventListener('visibilitychange', () => document.hidden && this.isChanged && this.save());
    window.addEventListener('beforeunload', (event) => this.isChanged && event.preventDefault());
    document.addEventListener('submit', (event) => this.#saveFirst(event), { capture: true });
  }

  get isChanged() {
    return this.#changed !== this.#saved;
  }

  #note() {
    this.#changed += 1;
    if (this.overtaken.isOpen) return;
    this.#say('Modifications à enregistrer…');
    this.#later(CALM);
  }

  #later(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.save(), delay);
  }

  /** Save now; a save that is under way is waited for, and what changed meanwhile is saved after it. */
  async save() {
    clearTimeout(this.#timer);
    if (this.#saving) await this.#saving;
    if (!this.isChanged) return true;
    if (this.overtaken.isOpen) return this.overtaken.show();
    this.#saving = this.#put();
    const done = await this.#saving;
    this.#saving = null;
    return done;
  }

  async #put() {
    const version = this.#changed;
    let response;
    try {
      const { xml } = await this.modeler.saveXML({ format: true });
      response = await fetch(this.settings.saveUrl, {
        method: 'PUT',
        credentials: 'same-origin',
        headers: { 'Content-Type': 'application/xml', 'X-CSRF-Token': this.settings.csrf, ...this.revision.header },
        body: xml,
      });
      if (response.status === 409) return this.#holdBack(await response.json());
      if (!response.ok) return this.#refused(await reasonOf(response));
    } catch {
      this.#say('Pas de réseau. Votre dessin reste ici, nouvel essai dans quelques secondes.', true);
      this.#later(RETRY);
      return false;
    }
    this.revision.note(response);
    this.#saved = version;
    this.#say(`Enregistré à ${TIME.format(new Date())}`);
    document.querySelectorAll('[data-if-same]').forEach((block) => { block.hidden = true; });
    document.querySelectorAll('[data-if-draft]').forEach((block) => { block.hidden = false; });
    this.onSaved();
    return true;
  }

  #refused(reason) {
    this.#say(`Pas encore enregistré. ${reason}`, true);
    return false;
  }

  /** Somebody else saved meanwhile: nothing is written until the author has chosen. */
  #holdBack({ detail, revision }) {
    this.#say('Pas enregistré : le brouillon a changé entre-temps.', true);
    return this.overtaken.open(detail, revision);
  }

  #writeOver(theirs) {
    this.revision.become(theirs);
    return this.save();
  }

  #leave() {
    this.#saved = this.#changed;
    window.location.assign(window.location.pathname);
  }

  /** A form of the page (« Publier ») waits until the draft is saved. */
  async #saveFirst(event) {
    if (!this.isChanged) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await this.save()) event.target.requestSubmit(event.submitter);
  }

  #say(words, failed = false) {
    document.querySelectorAll('[data-save-state]').forEach((place) => {
      place.textContent = words;
      place.classList.toggle('is-failed', failed);
    });
  }
}
