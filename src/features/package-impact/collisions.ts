import { isDeepStrictEqual } from 'node:util';
import type { FieldChange, ObjectChange, TreeDiff } from '../../krm/diff/tree-diff.js';
import type { Json } from '../../krm/diff/values.js';

/** A field that both sides have changed, each in its own way. `path` is the longer of the two. */
export interface Collision {
  apiVersion: string;
  kind: string;
  namespace: string | null;
  name: string | null;
  path: string;
  local: Json;
  newest: Json;
}

/** A change of a whole object: it was added or removed. */
type Change = Pick<FieldChange, 'path' | 'to' | 'equivalent'>;

/** What a package has changed against its upstream, and the upstream changes as well; the same value on both sides is none. */
export function collisionsOf(local: TreeDiff, upstream: TreeDiff): Collision[] {
  const theirs = new Map(upstream.objects.map((object) => [identityOf(object), object]));
  return local.objects.flatMap((ours) => {
    const other = theirs.get(identityOf(ours));
    if (!other) return [];
    const { apiVersion, kind, namespace, name } = ours;
    return changesOf(ours).flatMap((change) =>
      changesOf(other)
        .filter((their) => isWithin(change.path, their.path) || isWithin(their.path, change.path))
        .filter((their) => change.path !== their.path || !isDeepStrictEqual(change.to, their.to))
        .map((their) => {
          const path = change.path.length > their.path.length ? change.path : their.path;
          return { apiVersion, kind, namespace, name, path, local: change.to, newest: their.to };
        }),
    );
  });
}

/** Its version may be another now. */
const identityOf = ({ apiVersion, kind, namespace, name }: ObjectChange): string =>
  JSON.stringify([apiVersion.includes('/') ? apiVersion.split('/')[0] : '', kind, namespace, name]);

/** A removed object is a change of all that is in it; an object that was only moved to another file is none. */
const changesOf = ({ change, fields }: ObjectChange): Change[] => {
  if (change === 'removed') return [{ path: '', to: null, equivalent: false }];
  return fields.filter(({ equivalent }) => !equivalent);
};

/** `outer` is the field itself, or one that holds it. */
const isWithin = (path: string, outer: string): boolean =>
  outer === '' || path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
