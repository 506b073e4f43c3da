import type { KrmObject } from '../krm-object.js';
import { groupVersion } from './object-shape.js';
import type { Mapping } from './values.js';

/** An object of a package, and where it is. */
export interface FoundObject extends Pick<KrmObject, 'apiVersion' | 'kind' | 'namespace' | 'name'> {
  path: string;
  value: Mapping;
  /** Which of those in its file that have its kind and no name; null: it has a name. */
  nth: number | null;
  /** What it was cloned from, where the object says it: as {@link cloneIdentity}. */
  upstream: string | null;
}

/** An object in two versions of a package; undefined: it is not in that one. */
export interface ObjectPair {
  from: FoundObject | undefined;
  to: FoundObject | undefined;
}

/** What an object is known by; null: not by that. */
type Identity = (object: FoundObject) => string | null;

/** The group, kind, namespace and name of an object; of one without a name its file, kind and place. */
export const byName = ({ apiVersion, kind, namespace, name, path, nth }: FoundObject): string =>
  name === null ? `${path}\0${kind}\0${nth}` : `${groupVersion(apiVersion).group}|${kind}|${namespace ?? ''}|${name}`;

/**
 * Pairs the objects of two versions of a package: by group, kind, namespace and name, whatever the version and the file;
 * those without a name by file, kind and place among these. Of several with one identity those in the same file first.
 * What is left is paired by what it was cloned from, and a Kptfile with the one in its place, whatever their names.
 */
export function pairObjects(from: readonly FoundObject[], to: readonly FoundObject[]): ObjectPair[] {
  const open = { from: [...from], to: [...to] };
  const pairs = [
    ...takePairs(open, (object) => `${object.path}\0${byName(object)}`),
    ...takePairs(open, byName),
    ...takePairs(open, originOf),
    ...takePairs(open, ({ kind, path }) => (kind === 'Kptfile' ? path : null)),
  ];
  const added = open.to.map((object) => ({ from: undefined, to: object }));
  return [...pairs, ...added, ...open.from.map((object) => ({ from: object, to: undefined }))];
}

/** Takes those out of `open` that have one identity on both sides, in their order. */
function takePairs(open: { from: FoundObject[]; to: FoundObject[] }, identity: Identity): ObjectPair[] {
  const known = new Map<string, FoundObject[]>();
  for (const object of open.from) {
    const id = identity(object);
    if (id === null) continue;
    const same = known.get(id);
    if (same) same.push(object);
    else known.set(id, [object]);
  }
  for (const same of known.values()) same.reverse();
  const pairs: ObjectPair[] = [];
  const taken = new Set<FoundObject>();
  open.to = open.to.filter((to) => {
    const from = known.get(identity(to) ?? '')?.pop();
    if (from === undefined) return true;
    taken.add(from);
    pairs.push({ from, to });
    return false;
  });
  open.from = open.from.filter((object) => !taken.has(object));
  return pairs;
}

/** The object that this is a clone of; the object itself where it does not say so. */
const originOf: Identity = ({ upstream, apiVersion, kind, namespace, name }) =>
  upstream ?? (name === null ? null : cloneIdentity(groupVersion(apiVersion).group, kind, namespace, name));

/** What kpt writes where there is no namespace, or none that it knows. */
const NO_NAMESPACE = new Set<string | null>(['default', '~C', '_', null]);

/** `group|kind|namespace|name`, as kpt's annotation has it. */
export function cloneIdentity(group: string, kind: string, namespace: string | null, name: string): string {
  return [group, kind, NO_NAMESPACE.has(namespace) ? '' : namespace, name].join('|');
}
