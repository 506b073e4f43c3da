import type { Step } from '../diff/field-path.js';
import { itemsOf } from '../diff/list-items.js';
import { isSameQuantity } from '../diff/quantity.js';
import type { Shape } from '../diff/shape.js';
import { isMapping, isSame, scalarOf } from '../diff/values.js';

/** Who set a field: a version, and where it had the field from another one (its upstream), who set it there. */
export interface Setter {
  version: number;
  upstream: Setter | null;
}

/** Who set what is in a value: of a mapping by key, of a list whose items are told apart by place, else of all of it. */
export type Blame = Setter | ReadonlyMap<string, Blame> | readonly Blame[];

/** The same field in another version. */
export interface Other {
  value: unknown;
  blame: Blame;
}

/**
 * Who set each field of a value in a version. What the version before has as well, as a comparison finds it, keeps what it has
 * there; the rest is set by this version, which may have it from its upstream.
 */
export function blameValue(
  value: unknown,
  shape: Shape,
  version: number,
  before: Other | undefined,
  upstream: Other | undefined,
): Blame {
  if (isMapping(value) && value.size > 0) {
    const blame = (key: string, item: unknown): Blame =>
      blameValue(item, shape.field(key), version, fieldOf(before, key), fieldOf(upstream, key));
    return new Map([...value].map(([key, item]) => [key, blame(key, item)]));
  }
  if (Array.isArray(value) && itemsOf(shape.rule, [value])?.[0]?.size) {
    const [old, origin] = [before, upstream].map((other) => matchesOf(other, value, shape));
    return value.map((item, at) => blameValue(item, shape.items, version, old?.[at], origin?.[at]));
  }
  if (before && isUnchanged(before.value, value, shape)) return lastSetter(before.blame);
  const isFromUpstream = upstream && isUnchanged(upstream.value, value, shape);
  return { version, upstream: isFromUpstream ? lastSetter(upstream.blame) : null };
}

/** A field that is told by itself, and who set it. */
export interface Field {
  steps: readonly Step[];
  value: unknown;
  setter: Setter;
}

export function* fieldsOf(value: unknown, blame: Blame, shape: Shape, steps: readonly Step[] = []): Generator<Field> {
  if (isMapping(value) && blame instanceof Map) {
    for (const [key, item] of value) yield* fieldsOf(item, partOf(blame, key), shape.field(key), [...steps, key]);
  } else if (Array.isArray(value) && Array.isArray(blame)) {
    const items = [...(itemsOf(shape.rule, [value])?.[0]?.values() ?? [])];
    for (const [at, { step, item }] of items.entries())
      yield* fieldsOf(item, partOf(blame, at), shape.items, [...steps, step]);
  } else yield { steps, value, setter: lastSetter(blame) };
}

const isUnchanged = (from: unknown, to: unknown, shape: Shape): boolean =>
  isSame(from, to) || (shape.isQuantity && isSameQuantity(scalarOf(from), scalarOf(to)));

function fieldOf(other: Other | undefined, key: string): Other | undefined {
  if (other === undefined || !isMapping(other.value) || !other.value.has(key)) return undefined;
  return { value: other.value.get(key), blame: partOf(other.blame, key) };
}

/** For each item of a list the one that it was in another version. */
function matchesOf(other: Other | undefined, list: readonly unknown[], shape: Shape): (Other | undefined)[] {
  if (!other || !Array.isArray(other.value)) return [];
  const [from, to] = itemsOf(shape.rule, [other.value, list]) ?? [];
  if (!from || !to) return [];
  const places = new Map([...from.keys()].map((id, at) => [id, at]));
  return [...to.keys()].map((id) => {
    const at = places.get(id);
    return at === undefined ? undefined : { value: from.get(id)?.item, blame: partOf(other.blame, at) };
  });
}

/** Another version of a kind may have told apart what this one takes as a whole, or the other way round. */
function partOf(blame: Blame, part: string | number): Blame {
  if (blame instanceof Map) return blame.get(String(part)) ?? lastSetter(blame);
  return Array.isArray(blame) ? ((blame as readonly Blame[])[Number(part)] ?? lastSetter(blame)) : blame;
}

/** Who set anything of it last. */
function lastSetter(blame: Blame): Setter {
  const parts: readonly Blame[] | null =
    blame instanceof Map ? [...blame.values()] : Array.isArray(blame) ? (blame as readonly Blame[]) : null;
  if (parts === null) return blame as Setter;
  return parts.map(lastSetter).reduce((last, setter) => (setter.version > last.version ? setter : last));
}
