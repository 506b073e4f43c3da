import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/**
 * AES-256-GCM. A sealed blob is: format (1 byte), key id (8), nonce (12), tag (16), ciphertext. The key id tells a
 * wrong key from a tampered blob; the associated data ties the blob to its row, so that it cannot be moved to another.
 */
const FORMAT = 1;
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES;
const OVERHEAD_BYTES = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

export class SealingError extends Error {
  override readonly name = 'SealingError';
}

/** `key` is 32 bytes; `associatedData` must be given again to {@link open}. */
export function seal(key: Uint8Array, plaintext: string, associatedData: string): Buffer {
  const header = Buffer.concat([Buffer.of(FORMAT), keyId(key)]);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(bound(header, associatedData));
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  return Buffer.concat([header, nonce, cipher.getAuthTag(), ciphertext]);
}

/** Opens with the key that sealed. Throws {@link SealingError} without it, for other associated data, or a changed blob. */
export function open(keys: readonly Uint8Array[], sealed: Uint8Array, associatedData: string): string {
  const blob = Buffer.from(sealed);
  const header = blob.subarray(0, HEADER_BYTES);
  if (blob.length < OVERHEAD_BYTES || header[0] !== FORMAT) throw new SealingError('This is no sealed secret.');
  const key = keys.find((candidate) => isSealedWith(candidate, sealed));
  if (!key) throw new SealingError('This secret was sealed with another key.');
  const nonce = blob.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(bound(header, associatedData));
  decipher.setAuthTag(blob.subarray(HEADER_BYTES + NONCE_BYTES, OVERHEAD_BYTES));
  try {
    return Buffer.concat([decipher.update(blob.subarray(OVERHEAD_BYTES)), decipher.final()]).toString('utf8');
  } catch (error) {
    throw new SealingError('This secret was changed, or belongs to something else.', { cause: error });
  }
}

/** Whether this key opens the blob, by the id that the blob bears. */
export const isSealedWith = (key: Uint8Array, sealed: Uint8Array): boolean =>
  keyId(key).equals(sealed.subarray(1, HEADER_BYTES));

/** The bytes behind the first one of each blob that the key has sealed. */
export const keyId = (key: Uint8Array): Buffer =>
  createHash('sha256').update('pkgserver key id').update(key).digest().subarray(0, KEY_ID_BYTES);

const bound = (header: Uint8Array, associatedData: string): Buffer =>
  Buffer.concat([header, Buffer.from(associatedData, 'utf8')]);
