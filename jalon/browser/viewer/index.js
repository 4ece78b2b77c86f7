/** The diagram viewer: where a case stands, on each element with `data-viewer`. */
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

import { fetchJson, fetchText, showFailure } from '../diagram/loading.js';
import { framesModule, look, typeIsReady } from '../diagram/look.js';
import { addTools, wireTools, zoomCommands } from '../diagram/tools.js';
import { followFingers } from '../diagram/touch.js';
import { fitDiagram } from './fit.js';
import { showState } from './state.js';
import './viewer.css';

/** Draw the diagram of `data-diagram-url`, then the state of `data-state-url` upon it. */
async function view(host) {
  host.classList.add('bp-canvas');
  const viewer = new NavigatedViewer({ container: host, additionalModules: [framesModule], ...look });
  letThePageScroll(host);
  try {
    const [xml, state] = await Promise.all([
      fetchText(host.dataset.diagramUrl),
      host.dataset.stateUrl ? fetchJson(host.dataset.stateUrl) : null,
      typeIsReady(),
    ]);
    await viewer.importXML(xml);
    if (state) showState(viewer, state);
    settle(host, viewer, state);
  } catch (error) {
    viewer.destroy();
    showFailure(host, error);
  }
}

function settle(host, viewer, state) {
  const fit = () => fitDiagram(viewer, host, state);
  const commands = zoomCommands(viewer, () => fitDiagram(viewer, host, state, true));
  if (state?.here?.length) commands.here = fit;
  if (!wireTools(host, commands).length) addTools(host, commands);
  followFingers(host, viewer.get('canvas'));
  fit();
  let width = host.clientWidth;
  new ResizeObserver(() => {
    if (host.clientWidth && host.clientWidth !== width) fit();
    width = host.clientWidth;
  }).observe(host);
  host.dataset.ready = '';
}

/** The wheel belongs to the page; with Ctrl it zooms the diagram. */
function letThePageScroll(host) {
  host.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  }, { capture: true });
}

/** A diagram is fetched when it is first seen: the one of a closed <details> is not. */
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    view(target);
  }
}, { rootMargin: '300px' });

const known = new WeakSet();

function viewAll(root) {
  for (const host of root.querySelectorAll('[data-viewer]')) {
    if (known.has(host)) continue;
    known.add(host);
    seen.observe(host);
  }
}

viewAll(document);
document.addEventListener('htmx:load', ({ detail }) => viewAll(detail.elt.parentElement ?? document));
