/**
 * Keys of the inbox: j and k move, Enter opens, a takes, / searches, ? helps.
 * None acts while a field has the focus; `<body data-silent>` names those that the person switched off.
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
  if (isSilent(event.key) || isTyping(event.target)) return;
  if (Object.hasOwn(KEYS, event.key) && KEYS[event.key](event)) event.preventDefault();
});

function isSilent(key) {
  return (document.body.dataset.silent ?? '').split(' ').includes(key);
}

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

/** On a list the row under the cursor is taken, by the bar that acts on rows; on a task's page the task itself. */
function take() {
  const box = current()?.querySelector('input[type=checkbox]:not(:disabled)');
  if (!box) return press(document.querySelector('[data-key="a"]'));
  box.form.reset();
  box.checked = true;
  return press(box.form.querySelector('[name=geste][value=prendre]'));
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
