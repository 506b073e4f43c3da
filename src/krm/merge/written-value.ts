import { isMapping, type Json, scalarOf, toJson } from '../diff/values.js';
import { PlainScalar } from '../plain-scalar.js';
import { yamlText } from '../diff/yaml-text.js';

/** What stands behind the label of a value that nobody has written yet, in a block whose labels begin at `column`. */
export function writtenValue(value: unknown, column: number, lineBreak: string): string {
  const text = yamlText({ k: toJson(value) }).replace(/\n$/, '');
  return indented(text.slice('k:'.length), column, lineBreak);
}

/** An item of a block list, without its dash. */
export function writtenItem(value: unknown, column: number, lineBreak: string): string {
  const text = yamlText([toJson(value)]).replace(/\n$/, '');
  return indented(text.slice('-'.length), column, lineBreak);
}

const indented = (text: string, column: number, lineBreak: string): string =>
  text.replaceAll(/\n(?!\n|$)/g, `\n${' '.repeat(column)}`).replaceAll('\n', lineBreak);

/** A value in brackets, as JSON writes it: every reader of YAML takes that too. */
export function flowValue(value: unknown): string {
  if (isMapping(value)) {
    return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}: ${flowValue(item)}`).join(', ')}}`;
  }
  if (Array.isArray(value)) return `[${value.map(flowValue).join(', ')}]`;
  const scalar = scalarOf(value);
  return typeof scalar === 'string' ? JSON.stringify(scalar) : String(scalar);
}

/** A value of JSON as `krm/parse` reads it. */
export function valueOfJson(json: Json): unknown {
  if (Array.isArray(json)) return json.map(valueOfJson);
  if (json !== null && typeof json === 'object') {
    return new Map(Object.entries(json).map(([key, item]) => [key, valueOfJson(item)]));
  }
  return typeof json === 'string' ? json : new PlainScalar(String(json), json);
}
