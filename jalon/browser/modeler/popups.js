/** Menus that open over the drawing stay in the window: bpmn-js knows the page's edge, which may be further down. */
const GAP = 8;

class Popups {
  static $inject = ['eventBus'];

  constructor(eventBus) {
    eventBus.on('popupMenu.opened', () => requestAnimationFrame(() => document.querySelectorAll('.djs-popup').forEach(bringIn)));
  }
}

function bringIn(popup) {
  const { left, top, width, height } = popup.getBoundingClientRect();
  popup.style.left = `${within(left, document.documentElement.clientWidth - width)}px`;
  popup.style.top = `${within(top, window.innerHeight - height)}px`;
}

function within(place, most) {
  return Math.max(GAP, Math.min(place, most - GAP));
}

export const popupsModule = { __init__: ['popups'], popups: ['type', Popups] };
