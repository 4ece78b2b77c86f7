/** The diagram editor, on each element with `data-modeler`. */
import Modeler from 'camunda-bpmn-js/lib/camunda-cloud/Modeler';

import { fetchAnswer, showFailure } from '../diagram/loading.js';
import { framesModule, look, typeIsReady } from '../diagram/look.js';
import { wireTools, zoomCommands } from '../diagram/tools.js';
import { Draft } from './draft.js';
import { Findings } from './findings.js';
import { plainModule } from './plain.js';
import { popupsModule } from './popups.js';
import { Revision } from './revision.js';
import { frenchModule } from './translate.js';
import './modeler.css';

const MARGIN = 20;
const LEGIBLE = 0.7;
const LARGEST = 1.1;

async function edit(host) {
  const modeler = new Modeler(options(host));
  const revision = new Revision();
  try {
    const [answer] = await Promise.all([fetchAnswer(host.dataset.diagramUrl), typeIsReady()]);
    revision.note(answer);
    await modeler.importXML(await answer.text());
  } catch (error) {
    modeler.destroy();
    showFailure(host, error);
    return;
  }
  const findings = new Findings(modeler, host.dataset);
  const draft = new Draft(modeler, host.dataset, revision, () => findings.check());
  wireCommands(host, modeler, draft);
  show(modeler);
  host.dataset.ready = '';
  await findings.check();
}

function options(host) {
  return {
    container: part(host, '[data-canvas]', 'bp-canvas bp-canvas--edit'),
    propertiesPanel: {
      parent: part(host, '[data-properties]', 'bp-properties'),
      getFeelPopupLinks: () => [],
      description: {},
      tooltip: {},
    },
    alignToOrigin: { alignOnSave: false }, // it would move everything at each save, and undo would undo that
    elementTemplateChooser: false,
    additionalModules: [frenchModule, framesModule, plainModule, popupsModule],
    ...look,
  };
}

/** A part that the page may place itself (anywhere), else one made inside the host. */
function part(host, selector, classes) {
  const found = document.querySelector(selector) ?? host.appendChild(document.createElement('div'));
  found.classList.add(...classes.split(' '));
  return found;
}

function wireCommands(host, modeler, draft) {
  const stack = modeler.get('commandStack');
  const buttons = wireTools(host, {
    ...zoomCommands(modeler, () => show(modeler, true)),
    undo: () => stack.undo(),
    redo: () => stack.redo(),
    save: () => draft.save(),
  });
  const refresh = () => {
    for (const button of buttons) {
      if (button.dataset.command === 'undo') button.disabled = !stack.canUndo();
      if (button.dataset.command === 'redo') button.disabled = !stack.canRedo();
    }
  };
  modeler.on('commandStack.changed', refresh);
  refresh();
}

/** The diagram beside the palette: all of it if its words stay legible or when asked, else its beginning. */
function show(modeler, whole = false) {
  const canvas = modeler.get('canvas');
  canvas.resized();
  const { inner, outer } = canvas.viewbox();
  const palette = canvas.getContainer().querySelector('.djs-palette')?.offsetWidth ?? 0;
  const left = palette ? palette + 24 : MARGIN;
  const fitting = Math.min((outer.width - left - MARGIN) / inner.width, (outer.height - 2 * MARGIN) / inner.height);
  const scale = Math.min(whole ? fitting : Math.max(fitting, LEGIBLE), LARGEST);
  const height = outer.height / scale;
  const y = inner.height > height ? inner.y - MARGIN / scale : inner.y + inner.height / 2 - height / 2;
  canvas.viewbox({ x: inner.x - left / scale, y, width: outer.width / scale, height });
}

document.querySelectorAll('[data-modeler]').forEach(edit);
