/** How bpmn-js draws in Jalon: the colours are the design's tokens, so both themes follow. */
const FAMILY = '"Atkinson Hyperlegible Next", system-ui, sans-serif';

export const look = {
  bpmnRenderer: {
    defaultFillColor: 'var(--surface)',
    defaultStrokeColor: 'var(--edge)',
    defaultLabelColor: 'var(--ink)',
  },
  textRenderer: {
    defaultStyle: { fontFamily: FAMILY, fontWeight: 'normal', fontSize: 11, lineHeight: 1.25 },
    externalStyle: { fontSize: 11, lineHeight: 1.25 },
  },
};

/** Lanes and pools recede behind what stands in them. */
const FRAMES = new Set(['bpmn:Lane', 'bpmn:Participant']);

class Frames {
  static $inject = ['eventBus', 'canvas'];

  constructor(eventBus, canvas) {
    eventBus.on('shape.added', ({ element }) => FRAMES.has(element.type) && canvas.addMarker(element, 'is-frame'));
  }
}

export const framesModule = { __init__: ['frames'], frames: ['type', Frames] };

/** Labels are measured when they are drawn, so the type must be there before. */
export async function typeIsReady() {
  await Promise.allSettled([document.fonts.load(`11px ${FAMILY}`), document.fonts.load(`700 11px ${FAMILY}`)]);
}
