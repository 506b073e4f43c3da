import type { Link } from '../../audit/chain.store.js';
import type { AuditEntry } from '../../database/generated/client.js';
import { isoTime } from '../../domain/iso-time.js';
import type { AuditEntryResponse } from './audit-entry.schema.js';

/** An entry as callers see it. */
export function toAuditEntryResponse(row: AuditEntry): AuditEntryResponse {
  return {
    id: row.id,
    time: isoTime(row.time),
    actor: row.actor,
    tokenId: row.tokenId,
    action: row.action,
    outcome: row.outcome,
    resourceType: row.resourceType,
    resourceId: row.resourceId,
    repositoryId: row.repositoryId,
    path: row.path,
    before: row.before,
    after: row.after,
    reason: row.reason,
    requestId: row.requestId,
    operationId: row.operationId,
    address: row.address,
  };
}

/** A line of the export: the entry with its place in the chain. */
export const toExportLine = ({ sequence, hash, entry }: Link & { entry: AuditEntry }): string =>
  JSON.stringify({ sequence, hash, ...toAuditEntryResponse(entry) });
