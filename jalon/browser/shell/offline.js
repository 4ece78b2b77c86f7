/**
 * Without a network: every page says so, what is typed is kept on this device, an answer waits to be sent. When the line
 * is back, drafts go to the server first, answers are sent once, and what somebody else answered meanwhile is said.
 */
import { all, drop, person, put, tidy, wipe } from './kept.js';

const FORM = 'form[data-answer]';
const HOUR = new Intl.DateTimeFormat('fr-FR', { hour: '2-digit', minute: '2-digit' });
let since = null;
let sending = false;

window.addEventListener('offline', gone);
window.addEventListener('online', back);
document.addEventListener('jalon:unreachable', ({ detail }) => keep(detail.form, false).then(gone));
document.addEventListener('submit', hold, true);
document.addEventListener('submit', leave, true);
document.addEventListener('htmx:sendError', ({ detail }) => {
  if (detail.elt.matches(FORM)) keep(detail.elt, true).then(() => { gone(); told(detail.elt); });
});
document.addEventListener('htmx:afterSettle', () => { if (since) mark(); });
document.addEventListener('DOMContentLoaded', begin);
if (document.readyState !== 'loading') begin();

async function begin() {
  if (!person()) return;
  await tidy();
  if ('offline' in document.body.dataset) return list();
  if (!navigator.onLine) return gone();
  await send();
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
  if ('offline' in document.body.dataset) return location.reload();
  since = null;
  say('', false);
  const button = document.querySelector('.outcomes .btn--main span[data-online]');
  if (button) {
    button.innerHTML = button.dataset.online;
    delete button.dataset.online;
  }
  await send();
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
  const typed = [...new FormData(form)].filter(([name, value]) => name !== '_csrf' && typeof value === 'string');
  return put({ task: form.getAttribute('action'), draft: form.dataset.draft ?? '', title: form.getAttribute('aria-label'), typed, ready });
}

function told(form) {
  announce(`${form.getAttribute('aria-label')} : réponse gardée. Elle partira au retour du réseau.`);
}

async function send() {
  if (sending || !(await all()).length) return;
  sending = true;
  try {
    const token = await signedIn();
    if (token) await report(await each(token));
  } catch {
    gone();
  } finally {
    sending = false;
  }
}

async function signedIn() {
  const answer = await fetch('/api/session', { headers: { Accept: 'application/json' } });
  const said = answer.ok ? await answer.json() : {};
  return said.person === person() ? said.csrf : null;
}

async function each(token) {
  const became = { sent: [], draft: [], refused: [] };
  for (const record of await all()) became[await post(record, token)].push(record);
  return became;
}

/** A draft is never lost: an answer that is refused stays one. */
async function post(record, token) {
  const headers = { 'X-CSRF-Token': token, Accept: 'text/html' };
  const body = () => new URLSearchParams(record.typed);
  if (record.ready) {
    const answer = await fetch(record.task, { method: 'POST', body: body(), headers, redirect: 'manual' });
    if (answer.type === 'opaqueredirect' || answer.ok) return drop(record.task).then(() => 'sent');
    if (![409, 422, 403, 404].includes(answer.status)) throw new Error('unreachable');
    if (answer.status !== 422) return drop(record.task).then(() => 'refused');
  }
  if (record.draft) await fetch(record.draft, { method: 'POST', body: body(), headers });
  return drop(record.task).then(() => 'draft');
}

async function report({ sent, draft, refused }) {
  const parts = [];
  if (sent.length) parts.push(sent.length > 1 ? `${sent.length} réponses sont parties` : 'Votre réponse est partie');
  if (draft.length) parts.push(draft.length > 1 ? `${draft.length} brouillons à relire avant l’envoi` : '1 brouillon à relire avant l’envoi');
  if (refused.length) parts.push(refused.length > 1 ? `${refused.length} tâches ont changé entre-temps` : 'une tâche a changé entre-temps, votre saisie y est gardée en brouillon');
  announce(`De nouveau en ligne. ${parts.join(', ')}.`, [...refused, ...draft]);
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

/** On the page without network: what waits here, by the names of tasks alone. */
async function list() {
  const found = await all();
  document.querySelector('[data-kept]').hidden = !found.length;
  const lines = found.map((record) => Object.assign(document.createElement('li'), {
    textContent: `${record.title} · ${record.ready ? 'réponse' : 'brouillon'} de ${HOUR.format(record.at)}, pas encore envoyé${record.ready ? 'e' : ''}`,
  }));
  document.querySelector('[data-kept-list]').replaceChildren(...lines);
}

function say(words, shown) {
  const strip = document.getElementById('hors-ligne');
  if (!strip) return;
  strip.hidden = !shown;
  strip.querySelector('span').textContent = words;
}

