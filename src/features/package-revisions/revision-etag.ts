import { createHash } from 'node:crypto';
import type { RevisionRow } from './package-revision.store.js';

/**
 * `<version>.<digest>`. The version counts the changes that people make and is all that If-Match is judged by; the
 * digest covers what the engine notes down, so that a push in the background is seen by If-None-Match and yet makes
 * no approver's ETag stale.
 */
export function revisionEtag(row: RevisionRow): string {
  const { gitState, gitMessage, commit, branch, conflictCommit, conditions, latest } = row;
  const bookkeeping = [gitState, gitMessage, commit, branch, conflictCommit, conditions, latest];
  const digest = createHash('sha256').update(JSON.stringify(bookkeeping)).digest('hex').slice(0, 8);
  return `${row.version}.${digest}`;
}

/** Replaces the ETags in an `If-Match` list by the part of them that it is judged by. */
export const versionsOf = (ifMatch: string): string => ifMatch.replaceAll(/\b(\d+)\.[0-9a-f]{8}\b/g, '$1');
