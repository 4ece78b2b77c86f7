/**
 * A form with `data-draft` (the address that keeps it) is kept while one types: within two seconds of the first change,
 * at once when the page is left. The server says how it went, in the words that `[data-saved]` shows.
 */
const QUIET = 700;
const LATEST = 1500;
const AGAIN = 5000;
/** Browsers let no more than 64 KB outlive their page. */
const SMALL = 60000;
const BEGINS_ANEW = /\/brouillon\/\w+$/;
const DEVICE = device();
const LOST = 'Pas de réseau : votre saisie n’est pas encore enregistrée. Gardez cette page ouverte.';

let waiting = null;

document.addEventListener('input', ({ target }) => changed(target.closest?.('form[data-draft]')));
document.addEventListener('change', ({ target }) => changed(target.closest?.('form[data-draft]')));
document.addEventListener('submit', before, true);
document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && flush());
window.addEventListener('pagehide', () => flush());
window.addEventListener('online', () => waiting && save(waiting.form));
window.addEventListener('offline', () => waiting && tell('unreachable', waiting.form));

/** Wait until the person pauses, but never so long that much could be lost. */
function changed(form) {
  if (!form) return;
  if (!navigator.onLine) tell('unreachable', form);
  const since = waiting?.form === form ? waiting.since : Date.now();
  clearTimeout(waiting?.timer);
  const delay = Math.max(0, Math.min(QUIET, since + LATEST - Date.now()));
  waiting = { form, since, timer: setTimeout(() => save(form), delay) };
}

/** Another form of the page brings another page: what was typed in the answer is kept first, so that it stands there. */
function before(event) {
  const { target, submitter } = event;
  if (!waiting || target === waiting.form || BEGINS_ANEW.test(target.action)) return forget();
  event.preventDefault();
  event.stopImmediatePropagation();
  const long = new Promise((done) => setTimeout(done, LATEST));
  Promise.race([save(waiting.form, true), long]).finally(() => {
    forget();
    target.requestSubmit(submitter);
  });
}

function forget() {
  clearTimeout(waiting?.timer);
  waiting = null;
}

function flush() {
  if (waiting) save(waiting.form, true);
}

async function save(form, leaving = false) {
  forget();
  if (!form.isConnected) return;
  const body = new URLSearchParams(new FormData(form));
  body.set('_appareil', DEVICE);
  const token = form.elements._csrf.value;
  const keepalive = leaving || body.toString().length < SMALL;
  try {
    const answer = await fetch(form.dataset.draft, { method: 'POST', body, keepalive, headers: { 'X-CSRF-Token': token } });
    await told(form, answer);
    if (answer.status >= 500) later(form);
  } catch {
    say(LOST, false);
    tell('unreachable', form);
    later(form);
  }
}

function later(form) {
  waiting ??= { form, since: Date.now(), timer: setTimeout(() => save(form), AGAIN) };
}

async function told(form, answer) {
  const said = await answer.json().catch(() => ({}));
  if (!form.isConnected) return;
  if (answer.ok) {
    form.elements._revision.value = said.revision;
    say(said.words, true);
    tell('saved', form);
  } else {
    if (![403, 404, 409].includes(answer.status)) tell('refused', form);
    say(answer.status === 401 ? 'Vous avez été déconnecté : votre saisie est gardée sur cet appareil.' : said.detail ?? LOST, false);
  }
}

/** What the server has is needed on this device no more; what it has not is kept here. */
function tell(what, form) {
  document.dispatchEvent(new CustomEvent(`jalon:${what}`, { detail: { form } }));
}

function say(words, done) {
  const place = document.querySelector('[data-saved]');
  if (!place) return;
  place.textContent = words;
  place.classList.toggle('is-lost', !done);
}

/** A name for this window, so that the server can tell it from another device of the same person. */
function device() {
  const known = sessionStorage.getItem('jalon-device');
  if (known) return known;
  const fresh = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  sessionStorage.setItem('jalon-device', fresh);
  return fresh;
}
