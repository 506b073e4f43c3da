import { fieldPath } from '../diff/field-path.js';
import type { CustomKinds } from '../diff/crd-shape.js';
import { type FoundObject, pairObjects } from '../diff/object-pairs.js';
import { objectShape } from '../diff/object-shape.js';
import { readObjects } from '../diff/read-objects.js';
import { Room } from '../diff/room.js';
import { isSecret, veiled } from '../diff/secrets.js';
import { definitionsIn, type DiffOptions, orderOf } from '../diff/tree-diff.js';
import type { TreeEntry } from '../diff/tree-files.js';
import { type Json, toJson, weightOf } from '../diff/values.js';
import { type Blame, blameValue, fieldsOf, type Other, type Setter } from './field-blame.js';

/** A version of a package, and which others it comes from, by their place in the list; these stand before it. */
export interface BlameVersion {
  entries: readonly TreeEntry[];
  /** The one before it in its package; null: none. */
  previous: number | null;
  /** What it was cloned from or upgraded to, if it is that that made it. */
  upstream: number | null;
}

/** A field with its value, and the versions that set it: that of its own package, and where each had it from. */
export interface FieldSetters {
  path: string;
  value: Json;
  setters: number[];
}

export interface ObjectBlame extends Pick<FoundObject, 'apiVersion' | 'kind' | 'namespace' | 'name' | 'path'> {
  fields: FieldSetters[];
}

export interface TreeBlame {
  objects: ObjectBlame[];
  /** There is more than this. */
  truncated: boolean;
  /** How many bytes it takes in JSON, about. */
  weight: number;
}

interface BlamedObject {
  object: FoundObject;
  blame: Blame;
}

/** The files of a version, by path. */
type State = ReadonlyMap<string, { oid: string; objects: readonly BlamedObject[] }>;

/** Who set each field of the last of these versions. */
export function blameVersions(versions: readonly BlameVersion[], options: DiffOptions): TreeBlame {
  const last = versions.at(-1);
  const kinds = definitionsIn([last?.entries ?? []], options);
  const read = reader(options);
  const states: State[] = [];
  for (const [at, { entries, previous, upstream }] of versions.entries()) {
    const stateOf = (place: number | null): State => (place === null ? undefined : states[place]) ?? new Map();
    states.push(nextState(at, entries, stateOf(previous), stateOf(upstream), read, kinds));
  }
  return told(states.at(-1) ?? new Map(), kinds, options.secretsKey);
}

type Reader = (entry: TreeEntry) => readonly FoundObject[];

/** Most files are in many versions: each is read once. */
function reader(options: DiffOptions): Reader {
  const known = new Map<string, readonly FoundObject[]>();
  return ({ path, oid, content }) => {
    const key = `${oid} ${path}`;
    const objects = known.get(key) ?? (content === null ? [] : readObjects(path, content, options.limits).objects);
    known.set(key, objects);
    return objects;
  };
}

function nextState(
  version: number,
  entries: readonly TreeEntry[],
  before: State,
  upstream: State,
  read: Reader,
  kinds: CustomKinds,
): State {
  const files = entries.filter(({ mode }) => mode.startsWith('100'));
  const same = files.filter(({ path, oid }) => before.get(path)?.oid === oid);
  const isSameFile = new Set(same.map(({ path }) => path));
  const changed = files.filter(({ path }) => !isSameFile.has(path)).map((entry) => ({ entry, objects: read(entry) }));
  const fresh = changed.flatMap(({ objects }) => objects);
  const gone = [...before].flatMap(([path, { objects }]) => (isSameFile.has(path) ? [] : objects));
  const old = partners(gone, fresh);
  const origins = partners(
    [...upstream.values()].flatMap(({ objects }) => objects),
    [...fresh, ...same.flatMap(({ path }) => before.get(path)?.objects.map(({ object }) => object) ?? [])],
  );
  const blamed = (object: FoundObject): BlamedObject => {
    const shape = objectShape(kinds, object.apiVersion, object.kind);
    return { object, blame: blameValue(object.value, shape, version, old.get(object), origins.get(object)) };
  };
  return new Map([
    ...same.map(({ path, oid }) => [path, { oid, objects: before.get(path)?.objects ?? [] }] as const),
    ...changed.map(({ entry: { path, oid }, objects }) => [path, { oid, objects: objects.map(blamed) }] as const),
  ]);
}

/** For each object what it was in another version. */
function partners(others: readonly BlamedObject[], objects: readonly FoundObject[]): Map<FoundObject, Other> {
  if (others.length === 0) return new Map();
  const blames = new Map(others.map(({ object, blame }) => [object, blame]));
  const pairs = pairObjects([...blames.keys()], objects);
  return new Map(
    pairs.flatMap(({ from, to }) => {
      const blame = from && blames.get(from);
      return from && to && blame ? [[to, { value: from.value, blame }] as const] : [];
    }),
  );
}

function told(state: State, kinds: CustomKinds, secretsKey: string | null): TreeBlame {
  const room = new Room();
  const found = [...state.values()].flatMap(({ objects }) => objects);
  const keyed = found.map((each) => ({ ...each, key: orderOf(each.object) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const objects: ObjectBlame[] = [];
  for (const { object, blame } of keyed) {
    if (!room.take(0)) break;
    const { apiVersion, kind, namespace, name, path } = object;
    const fields: FieldSetters[] = [];
    for (const { steps, value, setter } of fieldsOf(object.value, blame, objectShape(kinds, apiVersion, kind))) {
      const difference = { steps, change: 'added' as const, from: undefined, to: value, equivalent: false };
      const shown = secretsKey !== null && isSecret(object) ? veiled(difference, secretsKey).to : value;
      if (!room.take(weightOf(shown, room.bytes))) break;
      fields.push({ path: fieldPath(steps), value: toJson(shown), setters: settersOf(setter) });
    }
    objects.push({ apiVersion, kind, namespace, name, path, fields });
  }
  return { objects, truncated: room.isFull, weight: room.taken };
}

function settersOf(setter: Setter): number[] {
  const setters: number[] = [];
  for (let next: Setter | null = setter; next !== null; next = next.upstream) setters.push(next.version);
  return setters;
}
