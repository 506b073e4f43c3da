import { createHash } from 'node:crypto';
import type { AuditEntry } from '../database/generated/client.js';

/** What the first link follows. */
export const ORIGIN: Uint8Array = new Uint8Array(32);

/** Where a chain stands: kept elsewhere, it tells later whether the chain still holds it. */
export interface ChainHead {
  sequence: number;
  /** SHA-256 in hexadecimal digits. */
  hash: string;
}

/**
 * The hash of the link that covers `entry` after the link with the hash `previous`:
 * SHA-256(previous || UTF-8 of a JSON array of the entry's fields in the order below). The leading number names this
 * form; another form will have another number, and links of both can follow one another.
 */
export function linkHash(previous: Uint8Array, entry: AuditEntry): Buffer {
  const { actor, tokenId, action, outcome, resourceType, resourceId, repositoryId, path } = entry;
  const { before, after, reason, requestId, operationId, address } = entry;
  const fields = [
    ...[1, entry.id, entry.time.toISOString(), actor, tokenId, action, outcome],
    ...[resourceType, resourceId, repositoryId, path],
    ...[before, after, reason, requestId, operationId, address],
  ];
  return createHash('sha256').update(previous).update(JSON.stringify(fields), 'utf8').digest();
}
