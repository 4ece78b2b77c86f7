/** The state of a case on its diagram: done, here, late, stuck, to come. Each has a shape and a word, not a colour alone. */
const TICK = '<svg class="bp-tick" viewBox="0 0 16 16" aria-hidden="true"><path d="m3 8.6 3.2 3.2L13 5"/></svg>';
const STUCK = '<svg class="bp-stuck" viewBox="0 0 16 16" aria-hidden="true"><path class="shape" d="M5 .6h6L15.4 5v6L11 15.4H5L.6 11V5z"/><path class="cut" d="M4.6 8h6.8"/></svg>';
const DRAWN_ONLY = new Set(['bpmn:Lane', 'bpmn:Participant', 'bpmn:Collaboration', 'bpmn:Process', 'bpmn:TextAnnotation', 'bpmn:Group']);

/** @param state {done: string[], here: {element, count, late}[], incidents: string[]} */
export function showState(viewer, { done = [], here = [], incidents = [] }) {
  const registry = viewer.get('elementRegistry');
  const canvas = viewer.get('canvas');
  const overlays = viewer.get('overlays');
  const mark = (id, kind) => registry.get(id) && canvas.addMarker(id, `is-${kind}`);
  const known = ({ element }) => registry.get(element);
  const standing = here.filter(known);
  const busy = new Set(standing.map(({ element }) => element));

  for (const id of done) if (!busy.has(id)) mark(id, 'done');
  for (const { element, late } of standing) mark(element, late ? 'late' : 'here');
  for (const id of incidents) mark(id, 'stuck');
  const walked = new Set([...done, ...busy, ...incidents]);
  registry.filter(isStep).forEach((step) => {
    if (!walked.has(step.id)) canvas.addMarker(step, 'is-todo');
    else if (!busy.has(step.id) && done.includes(step.id) && isActivity(step)) {
      overlays.add(step, 'tick', { position: { top: 3, right: 19 }, html: TICK });
    }
  });
  for (const stand of standing) {
    overlays.add(stand.element, 'token', { position: { top: -13, right: 13 }, html: token(stand) });
  }
  for (const id of incidents.filter((incident) => registry.get(incident))) {
    overlays.add(id, 'stuck', { position: { top: -10, left: -10 }, html: STUCK });
  }
}

function isStep(element) {
  return !element.labelTarget && !element.waypoints && element.parent && !DRAWN_ONLY.has(element.type);
}

function isActivity(element) {
  return element.width >= 60;
}

function token({ count = 1, late }) {
  const disc = document.createElement('div');
  disc.className = late ? 'bp-token bp-token--late' : 'bp-token';
  disc.textContent = String(count);
  disc.title = `${count} en attente ici${late ? ', en retard' : ''}`;
  return disc;
}
