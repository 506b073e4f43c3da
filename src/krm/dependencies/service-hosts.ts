import { isRecord } from '../is-record.js';
import { fieldOf } from './fields.js';
import type { IndexedBody } from './need.js';
import type { Reference } from './references.js';

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const HOST = new RegExp(String.raw`(?<![a-z0-9-])(${LABEL})\.(${LABEL})\.svc(?![a-z0-9-])`, 'g');
/** Kinds whose text is not theirs to say, or that describe others. */
const WITHOUT: ReadonlySet<string> = new Set(['Secret', 'CustomResourceDefinition']);

/** Host names of Services (`name.namespace.svc`) in any text of an object but its metadata. A Secret's text is not read. */
export function serviceHosts({ kind, body }: IndexedBody): Reference[] {
  if (WITHOUT.has(kind) || !isRecord(body)) return [];
  const { metadata: _names, ...rest } = body;
  return [...texts(rest, '')].flatMap(({ path, text }) =>
    [...text.matchAll(HOST)].map(([, name = '', namespace = '']) => ({
      ...{ kind: 'serviceHost' as const, path, optional: false },
      object: { apiVersion: 'v1', kind: 'Service', namespace, name },
    })),
  );
}

function* texts(value: unknown, path: string): Generator<{ path: string; text: string }> {
  if (typeof value === 'string') {
    if (value.includes('.svc')) yield { path, text: value };
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* texts(item, `${path}[${index}]`);
  } else if (isRecord(value)) {
    for (const [key, item] of Object.entries(value)) yield* texts(item, fieldOf(path, key));
  }
}
