import { storableText } from '../domain/storable-text.js';
import { isRecord } from './is-record.js';

/** One document that is a Kubernetes Resource Model object. Every string fits PostgreSQL: no NUL, no lone surrogate. */
export interface KrmObject {
  /** Index of the document in its file, counting from 0. */
  position: number;
  apiVersion: string;
  kind: string;
  namespace: string | null;
  name: string | null;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** Kubernetes allows 253; a longer name is cut, since an index row of PostgreSQL has little room. */
const LONGEST_NAME = 253;

/**
 * Reads a parsed document; null unless it is a mapping with the strings `apiVersion` and `kind`.
 * A `List` is one object. Labels and annotations that are no scalars are left out.
 */
export function krmObject(document: unknown, position: number): KrmObject | null {
  const apiVersion = ownValue(document, 'apiVersion');
  const kind = ownValue(document, 'kind');
  if (!isTypeName(apiVersion) || !isTypeName(kind)) return null;
  const metadata = ownValue(document, 'metadata');
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
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint' ? String(value) : null;
}

function stringMap(value: unknown): Record<string, string> {
  const entries: [string, string][] = [];
  for (const [key, item] of entriesOf(value)) {
    const text = scalarText(item);
    if (text !== null) entries.push([storableText(key), storableText(text)]);
  }
  // fromEntries defines own properties, so that a key `__proto__` is just a key.
  return Object.fromEntries(entries);
}

/** One parser gives mappings as Maps, the other as objects. */
function entriesOf(value: unknown): Iterable<[string, unknown]> {
  if (value instanceof Map) return value as Map<string, unknown>;
  return isRecord(value) ? Object.entries(value) : [];
}

function ownValue(value: unknown, key: string): unknown {
  if (value instanceof Map) return (value as Map<string, unknown>).get(key);
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
