import { hash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.js';
import { DomainError } from '../domain/errors.js';

/** The value of `Idempotency-Key`, if there is one; throws `badRequest` for one that is no key. */
export function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined || request.method !== 'POST') return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new DomainError('badRequest', 'Idempotency-Key must be 1 to 255 visible ASCII characters.', {
    errors: [{ pointer: 'Idempotency-Key', code: 'invalidFormat', message: '1 to 255 visible ASCII characters.' }],
  });
}

/**
 * Whose keys the caller's are: those of an API token are its own, since another token of the same user may do other things.
 * No user's name holds a colon.
 */
export const keyHolderOf = ({ user, tokenId }: Caller): string => (tokenId === undefined ? user : `token:${tokenId}`);

/** Two requests with the same hash ask for the same change. `Prefer` is left out: it asks for a way to answer. */
export function requestHashOf(request: FastifyRequest): string {
  return hash('sha256', JSON.stringify([request.method, request.url, request.body ?? null]), 'hex');
}
