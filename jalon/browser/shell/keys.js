/**
 * Keys of the inbox: j and k move, Enter opens, a takes, / searches, ? helps.
 * None acts while a field has the focus; `<body data-keys="off">` switches them all off.
 */
const ROW = '.task';

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  Enter: open,
  a: take,
  '/': search,
  '?': help,
};

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.body.dataset.keys === 'off' || isTyping(event.target)) return;
  if (Object.hasOwn(KEYS, event.key) && KEYS[event.key](event)) event.preventDefault();
});

function isTyping(target) {
  return target.closest?.('input:not([type=checkbox]), textarea, select, [contenteditable], .djs-container, .bio-properties-panel') !== null;
}

function rows() {
  return [...document.querySelectorAll(ROW)].filter((row) => row.offsetParent !== null);
}

function current() {
  return document.querySelector(`${ROW}.is-next`);
}

/** Move the cursor, and the focus with it: the row's link is what assistive technology reads. */
function move(by) {
  const all = rows();
  if (!all.length) return false;
  const here = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[Math.min(Math.max(here < 0 ? (by > 0 ? 0 : all.length - 1) : here + by, 0), all.length - 1)];
  current()?.classList.remove('is-next');
  next.classList.add('is-next');
  next.querySelector('.task__go')?.focus();
  next.scrollIntoView({ block: 'nearest' });
  return true;
}

function open(event) {
  if (event.target !== document.body) return false;
  return press(current()?.querySelector('.task__go'));
}

function take() {
  return press((current() ?? document).querySelector('[data-key="a"]'));
}

function search() {
  const field = document.querySelector('[data-key="/"], input[type=search]');
  field?.focus();
  return Boolean(field);
}

function help() {
  const panel = document.querySelector('details[data-key="?"]');
  if (panel) {
    panel.open = !panel.open;
    panel.scrollIntoView({ block: 'nearest' });
    return true;
  }
  return press(document.querySelector('a[data-key="?"]'));
}

function press(control) {
  control?.click();
  return Boolean(control);
}
