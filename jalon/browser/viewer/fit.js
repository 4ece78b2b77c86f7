/** How much of a diagram is shown: all of it if its words stay legible or when asked, else where the case stands. */
const LEGIBLE = 0.62;
const LARGEST = 1.25;
const MARGIN = 16;
const TOOLS = 48;
const TASK = 60;

/** @param whole show all of it, however small its words become */
export function fitDiagram(viewer, host, state, whole = false) {
  const canvas = viewer.get('canvas');
  canvas.resized();
  const { inner } = canvas.viewbox();
  if (!inner.width || !host.clientWidth) return;
  const fitting = Math.min((host.clientWidth - 2 * MARGIN) / inner.width, (host.clientHeight - MARGIN - TOOLS) / inner.height);
  const scale = Math.min(whole ? fitting : Math.max(fitting, LEGIBLE), LARGEST);
  const width = host.clientWidth / scale;
  const height = host.clientHeight / scale;
  const centre = scale <= fitting ? middle(inner) : whereItStands(viewer, state, inner);
  canvas.viewbox({
    x: place(centre.x, width, inner.x, inner.width, scale),
    y: place(centre.y, height, inner.y, inner.height + (TOOLS - MARGIN) / scale, scale),
    width,
    height,
  });
}

function middle(box) {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** The middle of what matters most among the waiting elements, late ones then tasks first; else the diagram's start. */
function whereItStands(viewer, state, inner) {
  const registry = viewer.get('elementRegistry');
  const shapes = (state?.here ?? [])
    .map(({ element, late }) => ({ shape: registry.get(element), late: Boolean(late) }))
    .filter(({ shape }) => shape?.width)
    .sort((a, b) => b.late - a.late || (b.shape.width >= TASK) - (a.shape.width >= TASK));
  return shapes.length ? middle(shapes[0].shape) : { x: inner.x, y: inner.y };
}

/** The window's edge on one axis: centred if all fits, else around the centre without showing emptiness. */
function place(centre, size, start, length, scale) {
  const margin = MARGIN / scale;
  if (length + 2 * margin <= size) return start + length / 2 - size / 2;
  return Math.min(Math.max(centre - size / 2, start - margin), start + length + margin - size);
}
