/**
 * A list with `data-live` learns what has changed since it was shown: from a stream if it names one, else by asking
 * (`data-poll`). Its words may be its own: `data-one`, `data-many`, `data-gone-words`.
 * Nothing moves under the finger: what is new waits behind a line, what somebody else has done is struck where it stands.
 */
const EVERY = 20000;
let source = null;
let timer = null;
let mark = '';

document.addEventListener('DOMContentLoaded', begin);
document.addEventListener('htmx:afterSettle', begin);
document.addEventListener('visibilitychange', begin);
window.addEventListener('pagehide', end);
if (document.readyState !== 'loading') begin();

function list() {
  return document.querySelector('[data-live]');
}

function begin() {
  end();
  if (!list() || document.visibilityState === 'hidden') return;
  if (!list().dataset.live) return ask();
  source = new EventSource(list().dataset.live);
  source.addEventListener('message', ({ data }) => show(JSON.parse(data)));
  source.addEventListener('error', () => {
    if (source?.readyState === EventSource.CLOSED) ask();
  });
}

function end() {
  source?.close();
  clearTimeout(timer);
  source = timer = null;
}

/** No stream is free, or the network is gone: ask now and then. */
async function ask() {
  end();
  if (!list() || document.visibilityState === 'hidden') return;
  try {
    const answer = await fetch(list().dataset.poll, { headers: mark ? { 'If-None-Match': mark } : {} });
    if (answer.status === 401) return;
    mark = answer.headers.get('ETag') ?? mark;
    if (answer.status === 200) show(await answer.json());
  } catch {
    /* the strip of the page says that there is no network */
  }
  timer = setTimeout(ask, EVERY);
}

function show({ ids, whole }) {
  if (!list()) return;
  const rows = [...list().querySelectorAll('[data-row]')];
  const shown = new Set(rows.map((row) => row.dataset.row));
  const last = Math.max(-1, ...rows.map((row) => ids.indexOf(row.dataset.row)));
  const fresh = ids.filter((id, place) => !shown.has(id) && (place < last || rows.length < 50)).length;
  rows.forEach((row) => strike(row, !ids.includes(row.dataset.row) && (whole || rows.indexOf(row) < rows.length - 1)));
  announce(fresh);
}

function strike(row, gone) {
  if (row.classList.contains('is-gone') === gone) return;
  row.classList.toggle('is-gone', gone);
  const box = row.querySelector('input[type=checkbox]');
  if (box) {
    box.disabled = gone;
    if (gone) box.checked = false;
  }
  const said = row.querySelector('[data-gone]');
  if (!gone) return said?.remove();
  const words = Object.assign(document.createElement('small'), { textContent: list().dataset.goneWords ?? 'Plus à faire : quelqu’un s’en est occupé.' });
  words.dataset.gone = '';
  row.querySelector('.task__end').append(words);
}

function announce(count) {
  const line = list().querySelector('[data-fresh]');
  const { one = '1 nouvelle tâche : l’afficher', many = 'nouvelles tâches : les afficher' } = list().dataset;
  const words = count > 1 ? `${count} ${many}` : one;
  if (count && line.querySelector('[data-fresh-words]').textContent !== words) line.querySelector('[data-fresh-words]').textContent = words;
  line.hidden = !count;
}
