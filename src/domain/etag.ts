import { createHash } from 'node:crypto';

/** A strong entity tag (without quotes) of a value that JSON can hold; equal values give equal tags. */
export function etagOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 27);
}
