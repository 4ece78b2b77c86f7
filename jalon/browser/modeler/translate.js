/** The editor's words in French: our own dictionary, matched without regard to capitals and hyphens. */
import texts from './fr.json';

/* global DEVELOPMENT */

const dictionary = new Map(Object.entries(texts).map(([english, french]) => [key(english), french]));
const missing = new Set();

function key(text) {
  return text.toLowerCase().replace(/[\s-]+/g, ' ').trim();
}

/** What bpmn-js calls for each text that it shows; `{name}` stands for a value. */
export function translate(template, values = {}) {
  const french = dictionary.get(key(template));
  if (DEVELOPMENT && french === undefined && !missing.has(template)) {
    missing.add(template);
    console.warn(`untranslated: ${template}`);
  }
  return (french ?? template).replace(/{([^}]+)}/g, (all, name) => values[name] ?? all);
}

export const frenchModule = { translate: ['value', translate] };
