import { DomainError } from '../../domain/errors.js';
import type { Mutation, Mutations, ObjectMatch } from '../../domain/mutation.js';
import { parseFieldPath, type Step } from '../diff/field-path.js';
import type { FoundObject } from '../diff/object-pairs.js';
import { objectShape } from '../diff/object-shape.js';
import { definitionsIn } from '../diff/tree-diff.js';
import type { TreeEntry } from '../diff/tree-files.js';
import { isSame, type Json, textAt, valueAt } from '../diff/values.js';
import { KPTFILE } from '../kptfile.js';
import { type Document, DocumentReader } from '../merge/documents.js';
import { listOf } from '../merge/list-trios.js';
import { type Decision, mergeValues, SILENT } from '../merge/merge-values.js';
import { patchedList } from '../merge/merged-list.js';
import { says } from '../merge/merged-object.js';
import { mergedText } from '../merge/text-merge.js';
import { valueOfJson } from '../merge/written-value.js';
import { PACKAGE_CONTEXT, packageContext } from '../package-context.js';
import { setString } from '../yaml-patch.js';
import type { YamlLimits } from '../yaml-limits.js';
import { withField } from './set-field.js';

/** A file that holds something else now. */
export interface MutatedFile {
  path: string;
  mode: string;
  content: Uint8Array;
}

export interface MutatedPackage {
  files: MutatedFile[];
  /** Places in the list of mutations of those that no object has a place for. */
  unmatched: number[];
}

interface Wanted {
  objects: ObjectMatch;
  steps: readonly Step[];
  /** Undefined: it is not to be there. */
  value: unknown;
  index: number;
}

/**
 * Changes fields of a package's objects; of their texts only what changes is written anew. What a `Kptfile` says of the
 * package's name and origin stays. Throws `invalidPackage` for a file that cannot be changed safely.
 */
export function mutatePackage(
  entries: readonly TreeEntry[],
  { mutations, packageContext: context }: Mutations,
  { name, limits, definitions }: { name: string; limits: YamlLimits; definitions: readonly Uint8Array[] },
): MutatedPackage {
  const wanted = mutations.map(wantedOf);
  const reader = new DocumentReader(limits);
  const kinds = definitionsIn([entries], { limits, definitions });
  const matched = new Set<number>();
  const files = withContext(entries, context, name).flatMap((entry): MutatedFile[] => {
    const documents = wanted.length === 0 ? null : reader.read(entry);
    const before = textIn(entry);
    const text = documents
      ? documents
          .map((document) => document.divider + mutatedText(document, wanted, { reader, kinds, matched }))
          .join('')
      : before;
    const isNew = !entries.includes(entry);
    return text === before && !isNew ? [] : [{ path: entry.path, mode: entry.mode, content: Buffer.from(text) }];
  });
  return { files, unmatched: wanted.flatMap(({ index }) => (matched.has(index) ? [] : [index])) };
}

interface Tools {
  reader: DocumentReader;
  kinds: ReturnType<typeof definitionsIn>;
  matched: Set<number>;
}

function mutatedText(document: Document, wanted: readonly Wanted[], tools: Tools): string {
  const { object, read } = document;
  if (object === null) return read.text;
  const list = listOf(document);
  const patches = (list?.items ?? [object]).map((one) => ({ one, decision: patchOf(one, wanted, tools) }));
  const changed = patches.find(({ one, decision }) => !isSame(decision.value, one.value));
  if (!changed) return read.text;
  const decisions = patches.map(({ decision }) => decision);
  const text = list ? patchedList(list, decisions, tools.reader) : patchedText(read, decisions, tools.reader);
  if (text !== null) return text;
  const { kind, name, path } = changed.one;
  throw new DomainError(
    'invalidPackage',
    `The ${kind} "${name ?? ''}" in "${path}" is written in a way that cannot be changed safely; simplify it.`,
  );
}

/** What an object is to be after all that is meant for it. */
function patchOf(object: FoundObject, wanted: readonly Wanted[], { kinds, matched }: Tools): Decision {
  let value: unknown = object.value;
  for (const mutation of wanted) {
    if (!isMeant(object, mutation.objects) || isOrigin(object, mutation.steps)) continue;
    const changed = withField(value, mutation.steps, mutation.value);
    if (changed === null) continue;
    matched.add(mutation.index);
    value = changed.value;
  }
  const { apiVersion, kind } = object;
  const three = { base: object.value, ours: object.value, theirs: value };
  return mergeValues(three, objectShape(kinds, apiVersion, kind), SILENT) ?? { take: 'ours', value: object.value };
}

function patchedText(read: Document['read'], [decision]: readonly Decision[], reader: DocumentReader): string | null {
  const source = read.source();
  const text = decision && mergedText({ ours: source, base: source, theirs: undefined }, decision);
  return text !== undefined && says(text, decision?.value, reader) ? text : null;
}

function wantedOf({ objects, path, value, remove }: Mutation, index: number): Wanted {
  const steps = parseFieldPath(path);
  if (steps === null || steps.length === 0) {
    throw new DomainError('invalidPackage', `"${path}" is no path of a field.`);
  }
  return { objects, steps, value: remove ? undefined : valueOfJson(value as Json), index };
}

/** A `Kptfile` has the name of its package, and is meant only where it is called so. */
function isMeant(object: FoundObject, { apiVersion, kind, namespace, name, labels = {} }: ObjectMatch): boolean {
  return (
    (object.kind !== 'Kptfile' || kind === 'Kptfile') &&
    (apiVersion === undefined || apiVersion === object.apiVersion) &&
    (kind === undefined || kind === object.kind) &&
    (namespace === undefined || namespace === object.namespace) &&
    (name === undefined || name === object.name) &&
    Object.entries(labels).every(([key, label]) => textAt(valueAt(object.value, 'metadata', 'labels'), key) === label)
  );
}

const ORIGIN = new Set(['upstream', 'upstreamLock']);

/** What upgrades live by. */
const isOrigin = ({ kind, path }: FoundObject, [first, second]: readonly Step[]): boolean =>
  kind === 'Kptfile' &&
  (path === KPTFILE || path.endsWith(`/${KPTFILE}`)) &&
  typeof first === 'string' &&
  (ORIGIN.has(first) || (first === 'metadata' && (second === undefined || second === 'name')));

/** The entries with what the package's context is to hold; a package that has none gets one. */
function withContext(
  entries: readonly TreeEntry[],
  context: Mutations['packageContext'],
  name: string,
): readonly TreeEntry[] {
  const pairs = Object.entries(context);
  if (pairs.length === 0) return entries;
  const present = entries.find(({ path }) => path === PACKAGE_CONTEXT);
  const before = present ? textIn(present) : packageContext(name);
  const text = pairs.reduce((now, [key, value]) => setString(PACKAGE_CONTEXT, now, ['data', key], value), before);
  if (present && text === before) return entries;
  const file = {
    path: PACKAGE_CONTEXT,
    mode: present?.mode ?? '100644',
    oid: '',
    content: Buffer.from(text),
    rawPath: null,
  };
  return [...entries.filter((entry) => entry !== present), file];
}

const textIn = ({ content }: TreeEntry): string => Buffer.from(content ?? []).toString();
