/** What the editor leaves out: settings that Jalon does not execute, and tools that would blur the design's signs. */
const UNUSED_GROUPS = new Set(['Zeebe__ExecutionListeners', 'Zeebe__TaskListeners', 'additionalDataGroup']);

const UNUSED_TOOLS = ['create.data-object', 'create.data-store', 'create.group'];

class PlainPanel {
  static $inject = ['propertiesPanel'];

  constructor(propertiesPanel) {
    propertiesPanel.registerProvider(100, this);
  }

  getGroups() {
    return (groups) => groups.filter(({ id }) => !UNUSED_GROUPS.has(id));
  }
}

class PlainPalette {
  static $inject = ['palette'];

  constructor(palette) {
    palette.registerProvider(100, this);
  }

  getPaletteEntries() {
    return (entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => !UNUSED_TOOLS.includes(id)));
  }
}

const nothing = ['value', {}];

export const plainModule = {
  __init__: ['plainPanel', 'plainPalette'],
  plainPanel: ['type', PlainPanel],
  plainPalette: ['type', PlainPalette],
  colorContextPadProvider: nothing,
  colorPopupProvider: nothing,
};
