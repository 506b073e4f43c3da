import { hash } from 'node:crypto';
import { SshReader, withoutLeadingZeros } from './ssh-wire.js';

/** The kinds that OpenSSH takes today, of users and of hosts alike; without those of a hardware token, and without DSA. */
export const SSH_KEY_TYPES = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
] as const;
export type SshKeyType = (typeof SSH_KEY_TYPES)[number];

const MIN_RSA_BYTES = 2048 / 8;
const ED25519_BYTES = 32;

export interface SshPublicKey {
  type: SshKeyType;
  /** The whole of it in SSH's binary format. */
  blob: Buffer;
  /** What follows the type, as the type has it: a point, or exponent and modulus. */
  fields: Buffer[];
}

/** Reads a public key from SSH's binary format; null where it is none of {@link SSH_KEY_TYPES}, or too weak. */
export function readPublicKey(blob: Buffer): SshPublicKey | null {
  try {
    const reader = new SshReader(blob);
    const type = reader.text();
    if (!isSshKeyType(type)) return null;
    const fields: Buffer[] = [];
    while (reader.rest.length > 0) fields.push(reader.string());
    return isWellFormed(type, fields) ? { type, blob, fields } : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

export const isSshKeyType = (type: string): type is SshKeyType => (SSH_KEY_TYPES as readonly string[]).includes(type);

function isWellFormed(type: SshKeyType, fields: readonly Buffer[]): boolean {
  const [first = Buffer.of(), second] = fields;
  if (type === 'ssh-ed25519') return fields.length === 1 && first.length === ED25519_BYTES;
  if (second === undefined || fields.length !== 2) return false;
  if (type === 'ssh-rsa') return first.length > 0 && withoutLeadingZeros(second).length >= MIN_RSA_BYTES;
  return first.toString('latin1') === type.slice('ecdsa-sha2-'.length) && second.length > 0;
}

/** The line for `authorized_keys`, or the page of a Git host where keys are pasted; without a comment. */
export const authorizedKey = ({ type, blob }: SshPublicKey): string => `${type} ${blob.toString('base64')}`;

/** What `ssh-keygen -l` prints, and Git hosts show beside a key: `SHA256:…`, of a line that {@link authorizedKey} wrote. */
export function fingerprintOf(publicKey: string): string {
  const [, blob = ''] = publicKey.split(' ');
  const digest = hash('sha256', Buffer.from(blob, 'base64'), 'base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}
