import { Injectable } from '@nestjs/common';
import { type AuditEvent, AuditLog } from '../../audit/audit-log.js';
import { revisionEtag } from '../../domain/revision-etag.js';
import { factsOf } from '../../domain/operation.js';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import { PackageRevisionStore } from '../../revisions/package-revision.store.js';

/** Revisions as they are at some moment of a transaction: tag and path, by id. */
export type RevisionsSeen = ReadonlyMap<string, { etag: string; path: string }>;

/**
 * Writes down which publications and deletions are true now. Of each operation once: in the one transaction that ends it,
 * and only where that found it running. Whether a sync has seen the tag before then makes no difference.
 */
@Injectable()
export class OutcomeAudit {
  constructor(
    private readonly revisions: PackageRevisionStore,
    private readonly log: AuditLog,
  ) {}

  /** The revisions that these operations publish or delete; call it before anything of them is written. */
  async look(operations: readonly TypedOperation[]): Promise<RevisionsSeen> {
    const ids = operations.flatMap(({ kind, revisionId }) =>
      factsOf(kind).auditAction !== null && revisionId !== null ? revisionId : [],
    );
    if (ids.length === 0) return new Map();
    const rows = await this.revisions.findAll(ids);
    return new Map(rows.map((row) => [row.id, { etag: revisionEtag(row), path: row.path }]));
  }

  /** `ended`: operations that this transaction has ended well; `before`: what {@link look} gave. */
  async record(ended: readonly TypedOperation[], before: RevisionsSeen): Promise<void> {
    const after = await this.look(ended);
    const events = ended.flatMap((operation) => {
      const { auditAction } = factsOf(operation.kind);
      return auditAction === null ? [] : eventOf(auditAction, operation, before, after);
    });
    if (events.length > 0) await this.log.record(events);
  }
}

function eventOf(action: string, operation: TypedOperation, before: RevisionsSeen, after: RevisionsSeen): AuditEvent {
  const { id, payload, requestedBy, requestId, repositoryId, revisionId } = operation;
  const path = 'path' in payload ? payload.path : undefined;
  const breakGlass = 'breakGlass' in payload ? payload.breakGlass : undefined;
  const seen = before.get(revisionId ?? '');
  const now = after.get(revisionId ?? '');
  return {
    action,
    resourceType: 'PackageRevision',
    resourceId: revisionId,
    repositoryId,
    path: operation.path ?? path ?? seen?.path ?? now?.path ?? null,
    before: seen?.etag ?? null,
    after: now?.etag ?? null,
    reason: breakGlass ? `Break-glass: ${breakGlass.reason}` : null,
    operationId: id,
    actor: requestedBy,
    requestId,
    tokenId: null,
    address: null,
  };
}
