import { PlainScalar } from '../plain-scalar.js';
import type { Scalar } from './field-path.js';

/** A mapping of a document, as `krm/parse` reads it. */
export type Mapping = ReadonlyMap<string, unknown>;

export const isMapping = (value: unknown): value is Mapping => value instanceof Map;

/** What kubectl reads for a value that is no mapping and no list. */
export function scalarOf(value: unknown): Scalar {
  if (value instanceof PlainScalar) return value.value;
  return typeof value === 'string' ? value : null;
}

/** Whether kubectl reads the same: however it is written, and in whatever order the keys of mappings stand. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isMapping(a)) {
    if (!isMapping(b) || a.size !== b.size) return false;
    for (const [key, value] of a) if (!b.has(key) || !isSame(value, b.get(key))) return false;
    return true;
  }
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, at) => isSame(item, b[at]));
  return !isMapping(b) && !Array.isArray(b) && scalarOf(a) === scalarOf(b);
}

/** A value as JSON has it. Whole numbers that JSON's readers would round are BigInts. */
export type Json = Scalar | Json[] | { [key: string]: Json };

export function toJson(value: unknown): Json {
  // fromEntries defines own properties, so that a key `__proto__` is just a key.
  if (isMapping(value)) return Object.fromEntries([...value].map(([key, item]) => [key, toJson(item)]));
  return Array.isArray(value) ? value.map(toJson) : scalarOf(value);
}

/** The value at a place in nested mappings; undefined where there is none. */
export function valueAt(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce((at, key) => (isMapping(at) ? at.get(key) : undefined), value);
}

/** The text at a place; null where there is something else, or nothing. */
export function textAt(value: unknown, ...keys: readonly string[]): string | null {
  const found = scalarOf(valueAt(value, ...keys));
  return typeof found === 'string' ? found : null;
}

/** The scalars of a list; of anything else none. */
export function scalarsOf(value: unknown): Scalar[] {
  return Array.isArray(value) ? value.filter((item) => !isMapping(item) && !Array.isArray(item)).map(scalarOf) : [];
}

/** How many bytes a value takes in JSON, about; more than `most` is not counted on. */
export function weightOf(value: unknown, most: number): number {
  if (isMapping(value)) {
    let weight = 2;
    for (const [key, item] of value) {
      weight += key.length + 4 + weightOf(item, most - weight);
      if (weight > most) break;
    }
    return weight;
  }
  if (Array.isArray(value)) {
    let weight = 2;
    for (const item of value) {
      weight += 1 + weightOf(item, most - weight);
      if (weight > most) break;
    }
    return weight;
  }
  return typeof value === 'string' ? value.length + 2 : 8;
}
