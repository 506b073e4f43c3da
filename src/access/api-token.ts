import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

const FORM = /^pks_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;

/** An API token as its holder has it: `pks_<id>_<secret>`, the secret being 32 random bytes. */
export interface TokenText {
  /** The token's UUID. */
  id: string;
  secret: string;
}

export const isApiToken = (bearer: string): boolean => bearer.startsWith('pks_');

/** Null for what cannot be an API token. */
export function readToken(bearer: string): TokenText | null {
  const match = FORM.exec(bearer);
  if (!match?.[1] || !match[2]) return null;
  const id = match[1].replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { id, secret: match[2] };
}

export const writeToken = ({ id, secret }: TokenText): string => `pks_${id.replaceAll('-', '')}_${secret}`;

export const newSecret = (): string => randomBytes(32).toString('base64url');

/** One round is enough: 256 random bits cannot be guessed, however fast the hash is. */
export const hashOf = (secret: string): Buffer => hash('sha256', secret, 'buffer');

export function isSecretOf(stored: Uint8Array, secret: string): boolean {
  const given = hashOf(secret);
  return stored.length === given.length && timingSafeEqual(stored, given);
}
