/** Menus are <details>: Escape and a press outside close them. */
const MENUS = 'details.more[open], details[data-menu][open]';

function close(menu, returnFocus) {
  menu.open = false;
  if (returnFocus) menu.querySelector('summary')?.focus();
}

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.defaultPrevented) return;
  const open = [...document.querySelectorAll(MENUS)];
  open.forEach((menu) => close(menu, menu.contains(document.activeElement)));
  if (open.length) event.preventDefault();
});

document.addEventListener('click', (event) => {
  document.querySelectorAll(MENUS).forEach((menu) => {
    if (!menu.contains(event.target)) close(menu, false);
  });
});

/** While a menu lies over the form, what lies under it is out of reach. */
document.addEventListener('toggle', ({ target }) => {
  const form = target.matches?.('.outcomes details.more') && document.getElementById('reponse');
  if (form) form.inert = target.open;
}, true);
