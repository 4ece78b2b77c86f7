/** Fingers on a diagram: one pans sideways (up and down still scrolls the page), two pan and zoom. */
export function followFingers(container, canvas) {
  const fingers = new Map();
  let last = null;

  container.classList.add('bp-touch');
  container.addEventListener('pointerdown', (event) => {
    if (event.pointerType !== 'touch') return;
    fingers.set(event.pointerId, event);
    last = gesture(fingers);
  });
  container.addEventListener('pointermove', (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, event);
    const now = gesture(fingers);
    if (last && now.count === last.count) apply(canvas, container, last, now);
    last = now;
  });
  for (const end of ['pointerup', 'pointercancel', 'pointerleave']) {
    container.addEventListener(end, (event) => {
      fingers.delete(event.pointerId);
      last = fingers.size ? gesture(fingers) : null;
    });
  }
}

function gesture(fingers) {
  const points = [...fingers.values()];
  const x = points.reduce((sum, point) => sum + point.clientX, 0) / points.length;
  const y = points.reduce((sum, point) => sum + point.clientY, 0) / points.length;
  const spread = points.length > 1 ? Math.hypot(points[0].clientX - points[1].clientX, points[0].clientY - points[1].clientY) : 0;
  return { count: points.length, x, y, spread };
}

function apply(canvas, container, last, now) {
  canvas.scroll({ dx: now.x - last.x, dy: now.count > 1 ? now.y - last.y : 0 });
  if (now.count < 2 || !last.spread) return;
  const box = container.getBoundingClientRect();
  canvas.zoom(Math.min(Math.max(canvas.zoom() * (now.spread / last.spread), 0.2), 4), { x: now.x - box.left, y: now.y - box.top });
}
