/**
 * A message that was written and not published (`[data-unsent]`) is not lost with the answer beside it: the answer waits
 * until it is published or wiped. Left behind otherwise, it is there again when one comes back in this window.
 */
import { person } from './kept.js';

const NAME = 'jalon-message:';

document.addEventListener('input', ({ target }) => { if (target.matches?.('[data-unsent]')) keep(target); });
document.addEventListener('htmx:confirm', hold);
document.addEventListener('htmx:afterSettle', restore);
document.addEventListener('submit', ({ target }) => { if (target.matches('form[action$="/deconnexion"]')) wipe(); }, true);
document.addEventListener('DOMContentLoaded', restore);
if (document.readyState !== 'loading') restore();

function key(box) {
  return `${NAME}${person()}:${new URL(box.form.action).pathname}`;
}

function keep(box) {
  if (box.value.trim()) sessionStorage.setItem(key(box), box.value);
  else sessionStorage.removeItem(key(box));
}

/** What stands in the thread by now was published. */
function restore() {
  const box = document.querySelector('[data-unsent]');
  const kept = box && sessionStorage.getItem(key(box));
  if (!kept || box.value) return;
  const said = [...document.querySelectorAll('.thread__text')].map((one) => plain(one.textContent));
  if (said.includes(plain(kept))) sessionStorage.removeItem(key(box));
  else box.value = kept;
}

function plain(text) {
  return text.replace(/\s+/g, ' ').trim();
}

function hold(event) {
  const box = document.querySelector('[data-unsent]');
  if (!event.target.matches('form[data-answer]') || !box?.value.trim()) return;
  event.preventDefault();
  const alert = document.getElementById('alerte');
  alert.textContent = 'Votre message au cercle de soins n’est pas encore publié. Publiez-le ou effacez-le, puis envoyez votre réponse.';
  alert.hidden = false;
  event.target.dispatchEvent(new Event('input', { bubbles: true }));
  box.focus();
}

function wipe() {
  Object.keys(sessionStorage).filter((name) => name.startsWith(NAME)).forEach((name) => sessionStorage.removeItem(name));
}
