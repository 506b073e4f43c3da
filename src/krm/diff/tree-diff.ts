import type { YamlLimits } from '../yaml-limits.js';
import { type ChangeClass, classOf } from './classes/change-class.js';
import { compare, type FieldDifference } from './compare.js';
import { customKinds, type CustomKinds } from './crd-shape.js';
import { fieldPath } from './field-path.js';
import { type Change, fileChanges, type FileChange } from './file-changes.js';
import { type FoundObject, type ObjectPair, pairObjects } from './object-pairs.js';
import { groupVersion, objectShape } from './object-shape.js';
import { type ReadFile, readObjects } from './read-objects.js';
import { Room } from './room.js';
import { isSecret, veiled } from './secrets.js';
import { pairEntries, type TreeEntry } from './tree-files.js';
import { type Json, toJson, weightOf } from './values.js';

/** A field that differs. `from` and `to` are null where there is none. */
export interface FieldChange {
  /** As {@link fieldPath} writes it; '' is the whole object. */
  path: string;
  change: FieldDifference['change'];
  from: Json;
  to: Json;
  class: ChangeClass;
  equivalent: boolean;
}

/** An object that differs. One that is in another file, and has other fields as well, is `changed`. */
export interface ObjectChange {
  change: Change;
  apiVersion: string;
  kind: string;
  namespace: string | null;
  name: string | null;
  path: string;
  /** Where it was; null where that is `path`, or nowhere. */
  fromPath: string | null;
  fields: FieldChange[];
}

/** All that differs between two versions of a package, by path. */
export interface TreeDiff {
  objects: ObjectChange[];
  files: FileChange[];
  /** There is more than this. */
  truncated: boolean;
  /** How many bytes it takes in JSON, about. */
  weight: number;
}

export interface DiffOptions {
  limits: YamlLimits;
  /** Files with custom resource definitions beside those in the two versions, which count before them. */
  definitions: readonly Uint8Array[];
  /** The key of the hashes that stand for what Secrets hold; null: the values are shown. */
  secretsKey: string | null;
}

/** A file that nobody has brought along. */
const UNREAD: ReadFile = { objects: [], isMixed: true, parseError: 'The file is too large to be compared.' };

/** Compares two versions of a package. Files that are the same in both need no bytes, unless they hold definitions. */
export function diffTrees(from: readonly TreeEntry[], to: readonly TreeEntry[], options: DiffOptions): TreeDiff {
  const pairs = pairEntries(from, to);
  const read = (entry: TreeEntry | undefined): ReadFile | undefined => {
    if (!entry?.mode.startsWith('100')) return undefined;
    return entry.content === null ? UNREAD : readObjects(entry.path, entry.content, options.limits);
  };
  const files = pairs.map((pair) => ({ ...pair, before: read(pair.from), after: read(pair.to) }));
  // What a file holds that cannot be read is not known: nothing of it is said to be gone, or new.
  const readable = files.filter(({ before, after }) => (before?.parseError ?? after?.parseError ?? null) === null);
  const objectPairs = pairObjects(
    readable.flatMap(({ before }) => before?.objects ?? []),
    readable.flatMap(({ after }) => after?.objects ?? []),
  );
  const kinds = definitionsIn([to, from], options);
  const room = new Room();
  const objects: ObjectChange[] = [];
  for (const pair of inOrder(objectPairs)) {
    if (room.isFull) break;
    const change = objectChange(pair, kinds, options.secretsKey, room);
    if (change !== null) objects.push(change);
  }
  const changedFiles = fileChanges(files, room, options.secretsKey === null);
  return { objects, files: changedFiles, truncated: room.isFull, weight: room.taken };
}

/** Those of the first version count first, and those of the options last. */
export function definitionsIn(
  versions: readonly (readonly TreeEntry[])[],
  options: Pick<DiffOptions, 'definitions' | 'limits'>,
): CustomKinds {
  const inTrees = versions.flat().flatMap(({ path, content }) => (content === null ? [] : [{ path, content }]));
  const known = options.definitions.map((content) => ({ path: 'definition.yaml', content }));
  const holding = [...inTrees, ...known].filter(({ content }) =>
    Buffer.from(content.buffer, content.byteOffset, content.byteLength).includes(DEFINITION),
  );
  const objects = holding.flatMap(({ path, content }) => readObjects(path, content, options.limits).objects);
  return customKinds(objects.filter(({ kind }) => kind === DEFINITION).map(({ value }) => value));
}

const DEFINITION = 'CustomResourceDefinition';

/** By file, kind and name. */
function inOrder(pairs: readonly ObjectPair[]): ObjectPair[] {
  const keyed = pairs.map((pair) => ({ pair, key: orderOf(pair.to ?? pair.from) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ pair }) => pair);
}

export const orderOf = (object: FoundObject | undefined): string =>
  [object?.path, object?.kind, object?.namespace ?? '', object?.name ?? '', object?.nth ?? ''].join('\0');

/** Null for an object that is the same, in the same file. */
function objectChange(
  { from, to }: ObjectPair,
  kinds: CustomKinds,
  secretsKey: string | null,
  room: Room,
): ObjectChange | null {
  const object = to ?? from;
  if (object === undefined) return null;
  const { apiVersion, kind, namespace, name, path } = object;
  const differences = compare(from?.value, to?.value, objectShape(kinds, apiVersion, kind)).map((difference) =>
    from && to ? difference : { ...difference, change: from ? ('removed' as const) : ('added' as const) },
  );
  const isMoved = from !== undefined && to !== undefined && from.path !== to.path;
  if ((differences.length === 0 && !isMoved) || !room.take(0)) return null;
  const about = { group: groupVersion(apiVersion).group, kind, from: from?.value, to: to?.value };
  const key = secretsKey !== null && isSecret(object) ? secretsKey : null;
  const fields: FieldChange[] = [];
  for (const difference of differences) {
    const shown = key === null ? difference : veiled(difference, key);
    if (!room.take(weightOf([shown.from, shown.to], room.bytes))) break;
    fields.push({
      path: fieldPath(difference.steps),
      change: difference.change,
      from: shown.from === undefined ? null : toJson(shown.from),
      to: shown.to === undefined ? null : toJson(shown.to),
      class: classOf(difference, about),
      equivalent: difference.equivalent,
    });
  }
  const change =
    from === undefined ? 'added' : to === undefined ? 'removed' : differences.length > 0 ? 'changed' : 'moved';
  return { change, apiVersion, kind, namespace, name, path, fromPath: isMoved ? from.path : null, fields };
}
