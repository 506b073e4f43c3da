import { namesEtag } from '../domain/precondition.js';

export const quoted = (etag: string): string => `"${etag}"`;

/** Whether `If-None-Match` names what would be sent; compared weakly, as RFC 9110 has it for reading. */
export function notModified(header: string | undefined, etag: string): boolean {
  return header !== undefined && namesEtag(header.replaceAll(/(^|,)\s*W\//g, '$1'), etag);
}
