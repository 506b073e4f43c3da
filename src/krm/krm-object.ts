import { storableText } from '../domain/storable-text.js';
import { BodyWriter, type ObjectBody } from './object-body.js';
import { PlainScalar } from './plain-scalar.js';

/** One Kubernetes Resource Model object of a file. Every string fits PostgreSQL: no NUL, no lone surrogate. */
export interface KrmObject {
  /** Its place in the file, counting from 0: a document has one place, a `List` as many as it has items. */
  position: number;
  apiVersion: string;
  kind: string;
  namespace: string | null;
  name: string | null;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** An object with what is searched of it. */
export type IndexedObject = KrmObject & ObjectBody;

/** Kubernetes allows 253; a longer name is cut, since an index row of PostgreSQL has little room. */
const LONGEST_NAME = 253;
const LIST = 'List';

/**
 * The objects of a file's documents. An object is a mapping with the strings `apiVersion` and `kind`; of a `List`, and of
 * a list of one kind (`RoleList`), the items are objects, and the list is none. As for kubectl, an item of the latter
 * that says neither has the list's apiVersion and kind. Labels and annotations that are no scalars are left out.
 */
export function krmObjects(documents: readonly unknown[], writer = new BodyWriter()): IndexedObject[] {
  return krmValues(documents).map(({ object, value }) => ({ ...object, ...writer.write(value, object) }));
}

/** As {@link krmObjects}, each with the mapping that it was read from. */
export function krmValues(documents: readonly unknown[]): { object: KrmObject; value: unknown }[] {
  const found: { object: KrmObject; value: unknown }[] = [];
  let position = 0;
  for (const document of documents) {
    for (const candidate of flattened(document)) {
      const object = krmObject(candidate, position);
      if (object !== null) found.push({ object, value: candidate.value });
      position += 1;
    }
  }
  return found;
}

/** A list that holds objects and nothing else, with these in its order; null: it is none. */
export function krmList(
  document: unknown,
): { object: KrmObject; items: { object: KrmObject; value: unknown }[] } | null {
  const list = listOf(document);
  if (list === null) return null;
  const [apiVersion, kind] = ['apiVersion', 'kind'].map((key) => ownValue(document, key));
  const object = krmObject({ value: document, apiVersion, kind }, 0);
  const items = krmValues([document]);
  const isFlat = items.length === list.items.length && items.every(({ value }, at) => value === list.items[at]);
  return object !== null && isFlat ? { object, items } : null;
}

/** What may be an object, and its type where the list says it. */
interface Candidate {
  value: unknown;
  apiVersion: unknown;
  kind: unknown;
}

function* flattened(value: unknown, inherited?: Omit<Candidate, 'value'>): Generator<Candidate> {
  const own = { apiVersion: ownValue(value, 'apiVersion'), kind: ownValue(value, 'kind') };
  const isTyped = own.apiVersion !== undefined || own.kind !== undefined || !(value instanceof Map);
  const type = isTyped || inherited === undefined ? own : inherited;
  const list = isTyped ? listOf(value) : null;
  if (list === null) yield { value, ...type };
  else for (const item of list.items) yield* flattened(item, list.ofKind);
}

/** The items of a list, and what those are that do not say it. */
function listOf(value: unknown): { items: unknown[]; ofKind?: Omit<Candidate, 'value'> } | null {
  const [apiVersion, kind, items] = ['apiVersion', 'kind', 'items'].map((key) => ownValue(value, key));
  if (!isTypeName(apiVersion) || !isTypeName(kind) || !kind.endsWith(LIST) || !Array.isArray(items)) return null;
  return kind === LIST ? { items } : { items, ofKind: { apiVersion, kind: kind.slice(0, -LIST.length) } };
}

function krmObject({ value, apiVersion, kind }: Candidate, position: number): KrmObject | null {
  if (!isTypeName(apiVersion) || !isTypeName(kind)) return null;
  const metadata = ownValue(value, 'metadata');
  return {
    position,
    apiVersion: storableText(apiVersion),
    kind: storableText(kind),
    namespace: nameText(ownValue(metadata, 'namespace')),
    name: nameText(ownValue(metadata, 'name')),
    labels: stringMap(ownValue(metadata, 'labels')),
    annotations: stringMap(ownValue(metadata, 'annotations')),
  };
}

function isTypeName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME;
}

function nameText(value: unknown): string | null {
  const text = scalarText(value);
  return text === null || text === '' ? null : storableText(text.slice(0, LONGEST_NAME));
}

function scalarText(value: unknown): string | null {
  if (value instanceof PlainScalar) return value.value === null ? null : value.json;
  return typeof value === 'string' ? value : null;
}

function stringMap(value: unknown): Record<string, string> {
  const entries: [string, string][] = [];
  for (const [key, item] of value instanceof Map ? (value as Map<string, unknown>) : []) {
    const text = scalarText(item);
    if (text !== null) entries.push([storableText(key), storableText(text)]);
  }
  // fromEntries defines own properties, so that a key `__proto__` is just a key.
  return Object.fromEntries(entries);
}

function ownValue(value: unknown, key: string): unknown {
  return value instanceof Map ? (value as Map<string, unknown>).get(key) : undefined;
}
