import { hash } from 'node:crypto';

/** A strong entity tag (without quotes) of a value that JSON can hold; equal values give equal tags. */
export function etagOf(value: unknown): string {
  return hash('sha256', JSON.stringify(value), 'base64url').slice(0, 27);
}

/**
 * `<version>.<digest>`, for resources that the engine notes things on. The version counts the changes that people
 * make, and `If-Match` is judged by it alone; the digest covers the rest. So what happens in the background is seen by
 * `If-None-Match`, and makes nobody's edit or approval stale.
 */
export function versionedEtag(version: number, bookkeeping: unknown): string {
  const digest = hash('sha256', JSON.stringify(bookkeeping), 'hex').slice(0, 8);
  return `${version}.${digest}`;
}

/** What `If-Match` is judged by: the version of a versioned tag, and any other tag as it is. */
export const judgedPart = (etag: string): string => /^(\d+)\.[0-9a-f]{8}$/.exec(etag)?.[1] ?? etag;
