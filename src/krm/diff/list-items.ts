import type { Scalar, Step } from './field-path.js';
import { isMapping, scalarOf, textAt } from './values.js';

/** A key by which the items of a list are told apart, and what it is where an item does not say it. */
export interface ListKey {
  name: string;
  otherwise?: string;
}

/**
 * How the items of a list are told apart: by keys, each by its own value (a set), by the first of the usual keys that all of
 * them have (`guess`: of a kind that nobody describes), as the functions of a pipeline, or not at all (`whole`).
 */
export type ListRule =
  { by: 'keys'; keys: readonly ListKey[] } | { by: 'value' } | { by: 'guess' } | { by: 'function' } | { by: 'whole' };

/** The items of one list by what tells them apart, in the order of the list. */
export type Items = ReadonlyMap<string, { step: Step; item: unknown }>;

/** The usual keys, as kustomize's and kpt's merges try them. */
const USUAL_KEYS = ['mountPath', 'devicePath', 'ip', 'type', 'topologyKey', 'name', 'containerPort'];

/**
 * The items of the lists at one place of several versions of an object, to be matched with one another. Null where that
 * cannot be told of one of the lists, since an item lacks the key or has that of another: then each list counts as a whole.
 */
export function itemsOf(rule: ListRule, lists: readonly (readonly unknown[])[]): Items[] | null {
  if (rule.by === 'whole') return null;
  if (rule.by === 'value') return allOf(lists, (item) => (isScalar(item) ? { value: scalarOf(item) } : null));
  if (rule.by === 'function') return allOf(lists, functionStep);
  if (rule.by === 'keys') return allOf(lists, (item) => keyStep(item, rule.keys));
  for (const name of USUAL_KEYS) {
    const found = allOf(lists, (item) => keyStep(item, [{ name }]));
    if (found !== null) return found;
  }
  return null;
}

function allOf(lists: readonly (readonly unknown[])[], stepOf: (item: unknown) => Step | null): Items[] | null {
  const all: Items[] = [];
  for (const list of lists) {
    const items = new Map<string, { step: Step; item: unknown }>();
    for (const item of list) {
      const step = stepOf(item);
      if (step === null) return null;
      items.set(identityOf(step), { step, item });
    }
    if (items.size < list.length) return null;
    all.push(items);
  }
  return all;
}

function keyStep(item: unknown, keys: readonly ListKey[]): Step | null {
  if (!isMapping(item)) return null;
  const found: [string, Scalar][] = [];
  for (const { name, otherwise } of keys) {
    const value = item.get(name) ?? otherwise;
    if (value === undefined || !isScalar(value)) return null;
    found.push([name, scalarOf(value)]);
  }
  return { keys: found };
}

/** A function of a `Kptfile`: by its name, or else by what it runs, whatever the version of that. */
function functionStep(item: unknown): Step | null {
  const named = keyStep(item, [{ name: 'name' }]);
  if (named !== null) return named;
  const image = textAt(item, 'image') ?? textAt(item, 'exec');
  return image === null ? null : { keys: [['image', withoutVersion(image)]] };
}

/** `gcr.io:443/fn/set-labels:v0.1` → `gcr.io:443/fn/set-labels`. */
const withoutVersion = (image: string): string => image.replace(/@.*$/, '').replace(/:[^:/]*$/, '');

const isScalar = (value: unknown): boolean => !isMapping(value) && !Array.isArray(value);

/** `"80"` and 80 are two. */
function identityOf(step: Step): string {
  const values =
    typeof step === 'string' ? [step] : 'keys' in step ? step.keys.map(([, value]) => value) : [step.value];
  return values.map((value) => `${typeof value} ${value}`).join('\0');
}
