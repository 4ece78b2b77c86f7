/** Answers with feelin: one JSON line in (a text, its context, perhaps the value of a cell's input), one out. */
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const feelin = await import(pathToFileURL(process.argv[2]));

/** Values cross the pipe as `engine.feel.storage` writes them: other numbers, dates and ranges are marked. */
function entering(value) {
  if (Array.isArray(value)) return value.map(entering);
  if (value === null || typeof value !== 'object') return value;
  const [mark, content] = Object.entries(value).length === 1 ? Object.entries(value)[0] : [];
  if (mark === '#') return Number(content);
  if (mark === '@') return feelin.evaluate(`@"${content}"`).value;
  if (mark === '\\') return entries(content, entering);
  return entries(value, entering);
}

function leaving(value) {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return { '#': String(value) };
  if (typeof value !== 'object') return typeof value === 'function' ? 'function' : value;
  if (Array.isArray(value)) return value.map(leaving);
  if (feelin.isFunction(value)) return 'function';
  if (feelin.isRange(value)) {
    const ends = [leaving(value.start), leaving(value.end)];
    return { '..': [...ends, value['start included'], value['end included'], value.start === null, value.end === null, ''] };
  }
  if (value.iso !== undefined) return { '@': value.iso };
  const inside = entries(value, leaving);
  return Object.keys(inside).length === 1 ? { '\\': inside } : inside;
}

function entries(context, change) {
  return Object.fromEntries(Object.entries(context).map(([name, value]) => [name, change(value)]));
}

function answer({ text, context, input }) {
  try {
    const known = entering({ '\\': context });
    if (input === undefined) return { value: leaving(feelin.evaluate(text, known).value) };
    return { value: leaving(feelin.unaryTest(text, { ...known, '?': entering(input) }).value) };
  } catch (error) {
    return { error: String(error.message) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line))));
}
