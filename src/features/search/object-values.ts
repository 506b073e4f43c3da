import { normalImage } from '../../krm/image-reference.js';
import type { Term } from '../../search/query.js';
import type { HitRow } from './hit.sql.js';

type Named = 'apiVersion' | 'group' | 'version' | 'kind' | 'namespace' | 'name' | 'path';

const VALUES: Record<Named, (row: HitRow) => string | null> = {
  apiVersion: (row) => row.apiVersion,
  group: ({ apiVersion }) => (apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''),
  version: ({ apiVersion }) => apiVersion.split('/').at(-1) ?? '',
  kind: (row) => row.kind,
  namespace: (row) => row.namespace,
  name: (row) => row.name,
  path: (row) => row.file,
};

const LONGEST = 256;

/** The values with which an object's own field makes a term true; of a field of the revision there are none to show. */
export function valuesOfField(term: Term, row: HitRow): string[] {
  if (!('name' in term.field)) return [];
  const { name, key } = term.field;
  if (key !== undefined) {
    const keyed = name === 'label' ? row.labels : row.annotations;
    const value = Object.hasOwn(keyed, key) ? keyed[key] : undefined;
    return value !== undefined && matches(term, value, (text) => text, true) ? [value.slice(0, LONGEST)] : [];
  }
  if (name === 'image') return row.images.filter((image) => matches(term, image, (text) => normalImage(text) ?? text));
  if (!Object.hasOwn(VALUES, name)) return [];
  const value = VALUES[name as Named](row);
  return value !== null && matches(term, value, (text) => text) ? [value] : [];
}

function matches(
  { operator, values }: Term,
  value: string,
  read: (text: string) => string,
  mayBeEmpty = false,
): boolean {
  const [first] = values;
  if (operator === 'present' || first === undefined) return mayBeEmpty || value !== '';
  if (operator === ':') return value.toLowerCase().includes(first.text.toLowerCase());
  return values.some(({ text }) => read(text) === value);
}
