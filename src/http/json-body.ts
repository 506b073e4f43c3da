import { isUtf8 } from 'node:buffer';
import { DomainError } from '../domain/errors.js';

export const JSON_MEDIA_TYPES = ['application/json', 'application/merge-patch+json'];

/** Deeper than any body of this API needs, and shallow enough for every recursive reader of it. */
const MAX_DEPTH = 64;

/** Parses a JSON body. Throws `malformedBody` for text, depth and field names that a later reader could not take. */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw new DomainError('malformedBody', 'The body is not valid UTF-8.');
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString('utf8'));
  } catch {
    // The parser's message quotes the body, which may hold a secret.
    throw new DomainError('malformedBody', 'The body is not valid JSON.');
  }
  assertTame(body);
  return body;
}

/** Goes level by level: a client chooses the depth, and recursion would end the process. */
function assertTame(body: unknown): void {
  let level: object[] = isObject(body) ? [body] : [];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) {
      throw new DomainError('malformedBody', `The body is nested more than ${MAX_DEPTH} levels deep.`);
    }
    const next: object[] = [];
    for (const value of level) {
      if (Object.hasOwn(value, '__proto__')) {
        throw new DomainError('malformedBody', 'The body has a field "__proto__", which is not taken.');
      }
      for (const child of Object.values(value)) if (isObject(child)) next.push(child);
    }
    level = next;
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Throws `unsupportedMediaType` where the declared type does not fit the method, or the charset is not UTF-8. */
export function assertMediaType(contentType: string, method: string): void {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  if (type === 'application/merge-patch+json' && method !== 'PATCH') {
    throw new DomainError('unsupportedMediaType', `${method} takes application/json; a merge patch is for PATCH.`);
  }
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && charset.replaceAll('"', '') !== 'utf-8') {
    throw new DomainError('unsupportedMediaType', 'Send JSON in UTF-8.');
  }
}
