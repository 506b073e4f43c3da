import type { Step } from '../diff/field-path.js';
import { isMapping, type Mapping, scalarOf } from '../diff/values.js';

/** What a field is to hold; undefined: it is not to be there. */
type Wanted = unknown;

/**
 * The value with another one at a place in it, and nothing else changed. Mappings and lists on the way are made; items of lists
 * are not, but for the last step, where the value names its own item. Null: the place is not there.
 */
export function withField(value: unknown, steps: readonly Step[], wanted: Wanted): { value: unknown } | null {
  const [step, ...rest] = steps;
  if (step === undefined) return { value: wanted };
  if (typeof step === 'string') {
    if (value !== undefined && !isMapping(value)) return null;
    return inMapping(isMapping(value) ? value : EMPTY, step, rest, wanted);
  }
  const items = value ?? [];
  return Array.isArray(items) ? inList(items, step, rest, wanted) : null;
}

const EMPTY: Mapping = new Map();

function inMapping(value: Mapping, key: string, rest: readonly Step[], wanted: Wanted): { value: unknown } | null {
  const before = value.get(key);
  if (before === undefined && wanted === undefined) return { value };
  const inner = withField(before, rest, wanted);
  if (inner === null) return null;
  const changed = new Map(value);
  if (inner.value === undefined) changed.delete(key);
  else changed.set(key, inner.value);
  return { value: changed };
}

function inList(
  items: readonly unknown[],
  step: Exclude<Step, string>,
  rest: readonly Step[],
  wanted: Wanted,
): { value: unknown } | null {
  const at = items.findIndex((item) => isItem(item, step));
  if (at >= 0) {
    const inner = withField(items[at], rest, wanted);
    if (inner === null) return null;
    return { value: inner.value === undefined ? items.toSpliced(at, 1) : items.with(at, inner.value) };
  }
  if (rest.length > 0) return null;
  if (wanted === undefined) return { value: items };
  return isItem(wanted, step) ? { value: [...items, wanted] } : null;
}

function isItem(item: unknown, step: Exclude<Step, string>): boolean {
  if ('value' in step) return !isMapping(item) && !Array.isArray(item) && scalarOf(item) === step.value;
  return isMapping(item) && step.keys.every(([name, value]) => item.has(name) && scalarOf(item.get(name)) === value);
}
