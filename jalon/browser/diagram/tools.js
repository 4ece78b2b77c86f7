/** Buttons with `data-command`, wired to a diagram; where a page brings none, the few of a viewer are made here. */
const ICONS = {
  'zoom-in': '<circle cx="11" cy="11" r="8"/><path d="m21 21-4.35-4.35M11 8v6M8 11h6"/>',
  'zoom-out': '<circle cx="11" cy="11" r="8"/><path d="m21 21-4.35-4.35M8 11h6"/>',
  fit: '<path d="M8 3H5a2 2 0 0 0-2 2v3M21 8V5a2 2 0 0 0-2-2h-3M3 16v3a2 2 0 0 0 2 2h3M16 21h3a2 2 0 0 0 2-2v-3"/>',
  here: '<path d="M5 21V4a1 1 0 0 1 1-1h12l-3 4.5L18 12H5"/>',
};
const NAMES = { 'zoom-in': 'Zoomer', 'zoom-out': 'Dézoomer', fit: 'Tout voir', here: 'Montrer l’étape en cours' };

/** Wire every button of the page that names a command; `aria-controls` narrows it to one diagram. */
export function wireTools(host, commands) {
  const buttons = [...document.querySelectorAll('button[data-command]')].filter((button) => {
    const controlled = button.getAttribute('aria-controls');
    return !controlled || controlled === host.id;
  });
  for (const button of buttons) {
    button.addEventListener('click', () => commands[button.dataset.command]?.());
  }
  return buttons;
}

/** A small toolbar in the corner of a diagram that has none. */
export function addTools(host, commands) {
  const bar = document.createElement('div');
  bar.className = 'bp-tools';
  bar.setAttribute('role', 'toolbar');
  bar.setAttribute('aria-label', 'Outils du dessin');
  for (const command of Object.keys(NAMES).filter((name) => commands[name])) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'icon-btn';
    button.setAttribute('aria-label', NAMES[command]);
    button.title = NAMES[command];
    button.innerHTML = `<svg class="i" viewBox="0 0 24 24" aria-hidden="true">${ICONS[command]}</svg>`;
    button.addEventListener('click', () => commands[command]());
    bar.append(button);
  }
  host.append(bar);
}

/** Zoom commands of any bpmn-js instance. */
export function zoomCommands(diagram, fit) {
  const zoomScroll = diagram.get('zoomScroll');
  return { 'zoom-in': () => zoomScroll.stepZoom(1), 'zoom-out': () => zoomScroll.stepZoom(-1), fit };
}
