/**
 * Without a network: every page says so, what is typed is kept on this device, an answer waits to be sent. When the line
 * is back, drafts go to the server first, answers are sent once, and what somebody else answered meanwhile is said.
 */
import { all, drop, person, put, tidy, wipe } from './kept.js';

const FORM = 'form[data-answer]';
const HOUR = new Intl.DateTimeFormat('fr-FR', { hour: '2-digit', minute: '2-digit' });
const REFUSED = [403, 404, 409];
const TRY_AGAIN = 4000;
/** Forms whose answer waits here: what becomes of a draft that was still on its way takes nothing of it back. */
const held = new WeakSet();
let since = null;

window.addEventListener('offline', gone);
window.addEventListener('online', back);
document.addEventListener('jalon:unreachable', ({ detail }) => keep(detail.form, held.has(detail.form)).then(gone));
document.addEventListener('jalon:refused', ({ detail }) => keep(detail.form, held.has(detail.form)));
document.addEventListener('jalon:saved', ({ detail }) => held.has(detail.form) || drop(taskOf(detail.form)));
document.addEventListener('input', ({ target }) => held.delete(target.form), true);
document.addEventListener('submit', hold, true);
document.addEventListener('submit', leave, true);
document.addEventListener('htmx:sendError', ({ detail }) => {
  if (detail.elt.matches(FORM)) keep(detail.elt, true).then(() => { gone(); told(detail.elt); });
});
document.addEventListener('htmx:responseError', ({ detail }) => { if (detail.elt.matches(FORM)) keep(detail.elt, false); });
document.addEventListener('htmx:afterSettle', () => { if (since) mark(); });
document.addEventListener('DOMContentLoaded', begin);
if (document.readyState !== 'loading') begin();

async function begin() {
  if (!person()) return;
  await tidy();
  if ('offline' in document.body.dataset) return wait();
  if (!navigator.onLine) return gone();
  const known = (await all()).find((record) => !record.ready && isOpen(record));
  await send();
  if (known && !(await all()).some((record) => record.task === known.task)) location.reload();
}

function gone() {
  since ??= new Date();
  mark();
}

function mark() {
  say(`Hors ligne depuis ${HOUR.format(since)}. Ce que vous écrivez reste sur cet appareil.`, true);
  const button = document.querySelector('.outcomes .btn--main span');
  if (!button || button.dataset.online) return;
  button.dataset.online = button.innerHTML;
  button.textContent = 'Garder pour l’envoi';
}

async function back() {
  if ('offline' in document.body.dataset) return look();
  since = null;
  say('', false);
  const button = document.querySelector('.outcomes .btn--main span[data-online]');
  if (button) {
    button.innerHTML = button.dataset.online;
    delete button.dataset.online;
  }
  await send((record) => record.ready || !isOpen(record));
}

/** An answer that cannot leave is kept for it; htmx does not see it. */
function hold(event) {
  const form = event.target;
  if (!form.matches?.(FORM) || (navigator.onLine && !since)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  keep(form, true).then(() => told(form));
}

/** Nothing stays on the device of somebody who signs out. */
function leave(event) {
  const form = event.target;
  if (!form.matches?.('form[action$="/deconnexion"]')) return;
  event.preventDefault();
  wipe().catch(() => {}).finally(() => form.submit());
}

function keep(form, ready) {
  if (ready) held.add(form);
  const typed = [...new FormData(form)].filter(([name, value]) => name !== '_csrf' && typeof value === 'string');
  return put({ task: taskOf(form), draft: form.dataset.draft ?? '', title: form.getAttribute('aria-label'), typed, ready });
}

function taskOf(form) {
  return form.getAttribute('action');
}

/** What is typed on this very page is newer than what was kept of it: the page saves it itself. */
function isOpen(record) {
  return [...document.querySelectorAll(FORM)].some((form) => taskOf(form) === record.task);
}

function told(form) {
  announce(`${form.getAttribute('aria-label')} : réponse gardée. Elle partira au retour du réseau.`);
}

/** One page at a time: with several open, each answer still leaves once. */
async function send(which = () => true) {
  const ours = (lock) => lock && sendAll(which);
  await (navigator.locks ? navigator.locks.request('jalon-send', { ifAvailable: true }, ours) : sendAll(which));
}

async function sendAll(which) {
  const records = (await all()).filter(which);
  if (!records.length) return;
  try {
    const token = await signedIn();
    if (token) report(await each(records, token));
  } catch {
    gone();
  }
}

async function signedIn() {
  const answer = await fetch('/api/session', { headers: { Accept: 'application/json' } });
  const said = answer.ok ? await answer.json() : {};
  return said.person === person() ? said.csrf : null;
}

async function each(records, token) {
  const became = { sent: [], draft: [], refused: [], here: [] };
  for (const record of records) {
    const what = await post(record, token);
    became[what].push(record);
    if (what !== 'here') await drop(record.task);
  }
  return became;
}

/** What the server has not taken in some way stays here; it keeps as a draft what it refuses as an answer. */
async function post(record, token) {
  if (record.ready) {
    const { type, ok, status } = await sendTo(record.task, record, token);
    if (type === 'opaqueredirect' || ok) return 'sent';
    if (REFUSED.includes(status)) return 'refused';
    if (status !== 422) return 'here';
  }
  if (!record.draft) return 'here';
  const { ok, status } = await sendTo(record.draft, record, token);
  if (ok) return 'draft';
  return REFUSED.includes(status) ? 'refused' : 'here';
}

function sendTo(address, record, token) {
  const headers = { 'X-CSRF-Token': token, Accept: 'text/html' };
  return fetch(address, { method: 'POST', body: new URLSearchParams(record.typed), headers, redirect: 'manual' });
}

function report({ sent, draft, refused, here }) {
  const parts = [];
  if (sent.length) parts.push(sent.length > 1 ? `${sent.length} réponses sont parties` : 'Votre réponse est partie');
  if (draft.length) parts.push(draft.length > 1 ? `${draft.length} brouillons à relire avant l’envoi` : '1 brouillon à relire avant l’envoi');
  if (refused.length) parts.push(refused.length > 1 ? `${refused.length} tâches ont changé entre-temps` : 'une tâche a changé entre-temps, votre saisie y est gardée en brouillon');
  if (here.length) parts.push(here.length > 1 ? `${here.length} saisies restent sur cet appareil` : 'une saisie reste sur cet appareil');
  announce(`De nouveau en ligne. ${parts.join(', ')}.`, [...refused, ...draft, ...here]);
}

function announce(words, records = []) {
  document.getElementById('annonce').textContent = words;
  const place = document.getElementById('envois');
  if (!place) return;
  place.hidden = false;
  place.replaceChildren(Object.assign(document.createElement('span'), { textContent: words }), ...records.map(link));
}

function link(record) {
  return Object.assign(document.createElement('a'), { className: 'btn', href: record.task, textContent: `Relire : ${record.title}` });
}

/** On the page without network: what waits here, by the names of tasks alone; and looks for the server until it is back. */
async function wait() {
  setInterval(() => navigator.onLine && look(), TRY_AGAIN);
  const found = await all();
  document.querySelector('[data-kept]').hidden = !found.length;
  const lines = found.map((record) => Object.assign(document.createElement('li'), {
    textContent: `${record.title} · ${record.ready ? 'réponse' : 'brouillon'} de ${HOUR.format(record.at)}, pas encore envoyé${record.ready ? 'e' : ''}`,
  }));
  document.querySelector('[data-kept-list]').replaceChildren(...lines);
}

/** The line may be back a moment before the server can be reached by it. */
async function look() {
  const answer = await fetch('/api/session', { cache: 'no-store' }).catch(() => null);
  if (answer && answer.status < 500) location.reload();
}

function say(words, shown) {
  const strip = document.getElementById('hors-ligne');
  if (!strip) return;
  strip.hidden = !shown;
  strip.querySelector('span').textContent = words;
}

