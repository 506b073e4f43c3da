import { Injectable } from '@nestjs/common';
import { type AuditEvent, AuditLog } from '../../audit/audit-log.js';
import { Database } from '../../database/database.js';
import type { Operation } from '../../database/generated/client.js';
import { revisionEtag } from '../../domain/revision-etag.js';
import type { OperationPayloads } from '../../domain/operation.js';

/** What the audit log calls the end of an operation that changed what is published. */
const ACTIONS: Partial<Record<Operation['kind'], string>> = {
  publish: 'packageRevision.published',
  delete: 'packageRevision.deleted',
};

/** Revisions as they are at some moment of a transaction: tag and path, by id. */
export type RevisionsSeen = ReadonlyMap<string, { etag: string; path: string }>;

/**
 * Writes down which publications and deletions are true now. Of each operation once: in the one transaction that ends it,
 * and only where that found it running. Whether a sync has seen the tag before then makes no difference.
 */
@Injectable()
export class OutcomeAudit {
  constructor(
    private readonly database: Database,
    private readonly log: AuditLog,
  ) {}

  /** The revisions that these operations publish or delete; call it before anything of them is written. */
  async look(operations: readonly Operation[]): Promise<RevisionsSeen> {
    const ids = operations.flatMap(({ kind, revisionId }) => (ACTIONS[kind] && revisionId !== null ? revisionId : []));
    if (ids.length === 0) return new Map();
    const rows = await this.database.client.packageRevision.findMany({
      where: { id: { in: ids } },
      omit: { source: true, upstream: true, labels: true, annotations: true },
    });
    return new Map(rows.map((row) => [row.id, { etag: revisionEtag(row), path: row.path }]));
  }

  /** `ended`: operations that this transaction has ended well; `before`: what {@link look} gave. */
  async record(ended: readonly Operation[], before: RevisionsSeen): Promise<void> {
    const told = ended.filter(({ kind }) => ACTIONS[kind]);
    if (told.length === 0) return;
    const after = await this.look(told);
    await this.log.record(told.map((operation) => eventOf(operation, before, after)));
  }
}

function eventOf(operation: Operation, before: RevisionsSeen, after: RevisionsSeen): AuditEvent {
  const { id, kind, payload, requestedBy, requestId, repositoryId, revisionId } = operation;
  const { path, breakGlass } = payload as Partial<OperationPayloads['delete'] & OperationPayloads['publish']>;
  const [seen, now] = [before.get(revisionId ?? ''), after.get(revisionId ?? '')];
  return {
    action: ACTIONS[kind] ?? kind,
    resourceType: 'PackageRevision',
    resourceId: revisionId,
    repositoryId,
    path: operation.path ?? path ?? seen?.path ?? now?.path ?? null,
    before: seen?.etag ?? null,
    after: now?.etag ?? null,
    reason: breakGlass ? `Break-glass: ${breakGlass.reason}` : null,
    operationId: id,
    ...{ actor: requestedBy, requestId, tokenId: null, address: null },
  };
}
