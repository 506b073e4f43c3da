import { createHash } from 'node:crypto';
import { namesEtag } from '../domain/precondition.js';

/** A strong entity tag (without quotes) of a value that JSON can hold; equal values give equal tags. */
export function etagOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 27);
}

export const quoted = (etag: string): string => `"${etag}"`;

/** Whether `If-None-Match` names what would be sent; compared weakly, as RFC 9110 has it for reading. */
export function notModified(header: string | undefined, etag: string): boolean {
  return header !== undefined && namesEtag(header.replaceAll(/(^|,)\s*W\//g, '$1'), etag);
}
