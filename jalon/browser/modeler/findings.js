/** What the checks found: a numbered badge on each element concerned, and the same numbers in the list beside. */
import { fetchJson } from '../diagram/loading.js';

const RANK = { error: 0, warning: 1 };
const WORD = { error: 'Erreur', warning: 'Remarque' };

export class Findings {
  #asked = 0;

  /** @param settings `checkUrl` and `csrf` of the host */
  constructor(modeler, settings) {
    this.modeler = modeler;
    this.settings = settings;
  }

  /** Ask the server to check the saved draft, and show what it says; only the latest answer counts. */
  async check() {
    if (!this.settings.checkUrl) return;
    const asked = (this.#asked += 1);
    let answer;
    try {
      answer = await fetchJson(this.settings.checkUrl, { method: 'POST', headers: { 'X-CSRF-Token': this.settings.csrf } });
    } catch (error) {
      if (asked === this.#asked) say(`Contrôles impossibles. ${error.message}`);
      return;
    }
    if (asked === this.#asked) this.show(Array.isArray(answer) ? answer : answer.findings);
  }

  show(found) {
    const findings = [...found].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
    this.#badge(findings);
    this.#list(findings);
    say(summary(findings));
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    document.querySelectorAll('[data-needs-no-error]').forEach((button) => { button.disabled = errors > 0 || changesNothing(); });
    document.querySelectorAll('[data-if-errors]').forEach((block) => { block.hidden = errors === 0; });
    document.querySelectorAll('[data-if-clean]').forEach((block) => { block.hidden = errors > 0; });
    document.dispatchEvent(new CustomEvent('jalon:checked')); // the page refreshes what depends on the draft
  }

  #badge(findings) {
    const overlays = this.modeler.get('overlays');
    overlays.remove({ type: 'finding' });
    const used = new Map();
    findings.forEach((finding, index) => {
      const element = this.#shape(finding.element);
      if (!element) return;
      const shift = used.get(element.id) ?? 0;
      used.set(element.id, shift + 1);
      overlays.add(element, 'finding', { position: place(element, shift), html: badge(finding, index + 1) });
    });
  }

  #list(findings) {
    document.querySelectorAll('[data-findings]').forEach((list) => {
      list.replaceChildren(...findings.map((finding, index) => this.#item(finding, index + 1)));
    });
  }

  #item(finding, number) {
    const { severity, message, hint, element, file, line } = finding;
    const item = make('li', 'finding');
    const title = make('strong');
    title.append(make('span', 'sr', `${WORD[severity]} ${number} : `), message);
    const mark = badge(finding, number);
    mark.setAttribute('aria-hidden', 'true');
    item.append(mark, title, make('span'));
    const where = file && !this.#shape(element) ? `${file}${line ? `, ligne ${line}` : ''}. ` : '';
    if (hint || where) item.append(make('p', '', `${where}${hint ?? ''}`));
    if (this.#shape(element)) item.append(this.#showButton(element, message));
    return item;
  }

  #showButton(element, message) {
    const row = make('span', 'row');
    const button = make('button', 'btn btn--quiet', 'Montrer');
    button.type = 'button';
    button.append(make('span', 'sr', ` ${message}`));
    button.addEventListener('click', () => this.#point(element));
    row.append(button);
    return row;
  }

  /** Select an element and bring it to the middle of the canvas. */
  #point(id) {
    const canvas = this.modeler.get('canvas');
    const element = this.#shape(id);
    canvas.scrollToElement(element, 120);
    if (canvas.zoom() < 0.6) canvas.zoom(0.9, element.waypoints ? element.waypoints[0] : { x: element.x + element.width / 2, y: element.y + element.height / 2 });
    canvas.scrollToElement(element, 120);
    this.modeler.get('selection').select(element);
    canvas.getContainer().scrollIntoView({ block: 'nearest' });
    canvas.focus();
  }

  #shape(id) {
    const element = id ? this.modeler.get('elementRegistry').get(id) : null;
    return element?.parent ? element : null;
  }
}

/** The page says so until a first change is saved. */
function changesNothing() {
  return document.querySelector('[data-if-same]:not([hidden])') !== null;
}

function place(element, shift) {
  if (element.waypoints) return { top: -10, left: -10 + 24 * shift };
  return { top: -12, right: 12 + 24 * shift };
}

function badge({ severity, message }, number) {
  const mark = make('span', severity === 'error' ? 'badge-n tri' : 'badge-n rnd', String(number));
  mark.title = message;
  return mark;
}

function summary(findings) {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  const words = [count(errors, 'erreur'), count(warnings, 'remarque')].filter(Boolean);
  return words.length ? words.join(', ') : 'Rien à corriger';
}

function count(number, noun) {
  return number ? `${number} ${noun}${number > 1 ? 's' : ''}` : '';
}

function say(words) {
  document.querySelectorAll('[data-findings-count]').forEach((place) => { place.textContent = words; });
}

function make(tag, classes = '', text = '') {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  if (text) element.textContent = text;
  return element;
}
