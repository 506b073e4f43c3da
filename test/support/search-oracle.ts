import { normalImage } from '../../src/krm/image-reference.js';
import { parseQuery } from '../../src/search/parse-query.js';
import type { Literal, Query, Term } from '../../src/search/query.js';

/** What a search looks at, as a test knows it without any database. */
export interface Candidate {
  body: Record<string, unknown>;
  images: string[];
  file: string;
  position: number;
  revision: {
    id: string;
    repository: string;
    target: string | null;
    realm: string;
    package: string;
    path: string;
    workspace: string;
    revision: string | null;
    lifecycle: string;
    latest: boolean;
    createdBy: string;
    createdAt: Date;
    publishedAt: Date | null;
  };
}

/** Searches by looking at each candidate. */
export function searchSlowly<Each extends Candidate>(text: string, candidates: readonly Each[]): Each[] {
  const query = parseQuery(text);
  return candidates.filter((candidate) => query === null || holds(query, candidate));
}

function holds(query: Query, candidate: Candidate): boolean {
  if ('not' in query) return !holds(query.not, candidate);
  if ('and' in query) return query.and.every((part) => holds(part, candidate));
  if ('or' in query) return query.or.some((part) => holds(part, candidate));
  return isTrue(query, candidate);
}

function isTrue(term: Term, candidate: Candidate): boolean {
  const { field, operator, values } = term;
  if ('keys' in field) return ofPath(term, valuesAt(candidate.body, field.keys));
  if (field.key !== undefined) {
    const [value] = valuesAt(candidate.body, ['metadata', `${field.name}s`, field.key]);
    if (value === undefined || value === null || typeof value === 'object') return false;
    return operator === 'present' || ofText(term, String(value), (text) => text);
  }
  const value = namedValue(candidate, field.name);
  if (Array.isArray(value)) return value.some((each) => ofText(term, each, (text) => normalImage(text) ?? text));
  if (typeof value === 'boolean') return operator === 'present' || values.some(({ json }) => json === String(value));
  if (value instanceof Date) return operator === 'present' || values.some(({ text }) => ofTime(value, operator, text));
  return value === null && field.name.endsWith('At') ? false : ofText(term, value ?? '', (text) => text);
}

function namedValue(
  { body, images, file, revision }: Candidate,
  name: string,
): string | string[] | boolean | Date | null {
  const apiVersion = body.apiVersion as string;
  const metadata = (body.metadata ?? {}) as Record<string, string | undefined>;
  const own: Record<string, string | string[] | null> = {
    apiVersion,
    group: apiVersion.includes('/') ? (apiVersion.split('/')[0] as string) : '',
    version: apiVersion.split('/').at(-1) as string,
    kind: body.kind as string,
    namespace: metadata.namespace ?? null,
    name: metadata.name ?? null,
    image: images,
    path: file,
    packagePath: revision.path,
  };
  return name in own ? (own[name] ?? null) : revision[name as Exclude<keyof Candidate['revision'], 'id'>];
}

function ofText({ operator, values }: Term, value: string, read: (text: string) => string): boolean {
  if (operator === 'present') return value !== '';
  if (operator === ':') return value.toLowerCase().includes((values[0] as Literal).text.toLowerCase());
  return values.some(({ text }) => read(text) === value);
}

/** A day in UTC is compared with the day that a time is on. */
function ofTime(time: Date, operator: string, text: string): boolean {
  if (text.length === 10) return compare(time.toISOString().slice(0, 10), operator, text);
  return compare(time.getTime(), operator, Date.parse(text));
}

/** As a lax jsonpath goes: each step enters lists, one level deep. */
function valuesAt(body: unknown, keys: readonly string[]): unknown[] {
  let values: unknown[] = [body];
  for (const key of keys) {
    values = values.flat().flatMap((value) => (isObject(value) && Object.hasOwn(value, key) ? [value[key]] : []));
  }
  return values;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function ofPath({ operator, values }: Term, found: readonly unknown[]): boolean {
  if (operator === 'present') return found.length > 0;
  const scalars = found.flat().flat();
  if (operator === ':') {
    const part = (values[0] as Literal).text.toLowerCase();
    return scalars.some(
      (value) => value !== null && typeof value !== 'object' && String(value).toLowerCase().includes(part),
    );
  }
  return values.some(({ text, json }) => {
    const wanted: unknown = json === null ? text : JSON.parse(json);
    return scalars.some((value) =>
      typeof value === typeof wanted && (value === null) === (wanted === null) && typeof value !== 'object'
        ? compare(value as string, operator, wanted as string)
        : value === null && wanted === null,
    );
  });
}

function compare(left: number | string, operator: string, right: number | string): boolean {
  if (operator === '=') return left === right;
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  if (operator === '>') return left > right;
  return left >= right;
}
