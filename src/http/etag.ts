import { namesEtag } from '../domain/precondition.js';

export const quoted = (etag: string): string => `"${etag}"`;

/** Tells whether `If-None-Match` names the answer's entity tag; RFC 9110 compares weakly for reading. */
export function notModified(header: string | undefined, etag: string): boolean {
  return header !== undefined && namesEtag(header.replaceAll(/(^|,)\s*W\//g, '$1'), etag);
}
