import { Injectable, Logger } from '@nestjs/common';
import { toldTo } from '../../../access/action-permissions.js';
import type { Caller } from '../../../access/caller.js';
import { denialReason, isDenial } from '../../../audit/denial.js';
import { type AuditEvent, AuditLog } from '../../../audit/audit-log.js';
import { collectNotes, type NotedChange } from '../../../audit/noted-change.js';
import { fromDatabase } from '../../../database/database-error.js';
import { Database } from '../../../database/database.js';
import { isUnavailable } from '../../../database/unavailable.js';
import type { BulkParameters } from '../../../domain/bulk.js';
import { DomainError } from '../../../domain/errors.js';
import { revisionEtag } from '../../../domain/revision-etag.js';
import { type BulkAction, type BulkOutcome, BulkServices } from './bulk-action.js';
import type { BulkItemRow } from './bulk.store.js';

/** Who asks for what, of all items. */
export interface BulkTask {
  action: BulkAction;
  parameters: BulkParameters;
  caller: Caller;
}

/** Judges items one by one, by what judges single requests; what one does is undone where it fails, and the others stay. */
@Injectable()
export class BulkJudge {
  private readonly logger = new Logger('Bulk');

  constructor(
    private readonly database: Database,
    private readonly services: BulkServices,
    private readonly auditLog: AuditLog,
  ) {}

  /** Does what is asked, with an audit entry for each item. Call it in a transaction, which may be undone as a whole. */
  async judge(items: readonly BulkItemRow[], task: BulkTask): Promise<BulkItemRow[]> {
    const done: AuditEvent[] = [];
    const denied: AuditEvent[] = [];
    const judged: BulkItemRow[] = [];
    // Whoever locks many revisions does it in this order, so that no two wait for each other.
    for (const item of inOrder(items)) {
      try {
        const { result, notes } = await collectNotes(() => this.database.part(() => run(this.services, item, task)));
        done.push(entryOf(item, task, result, notes.get(item.revisionId) ?? {}));
        judged.push(ended(item, result));
      } catch (error) {
        if (isDenial(error)) denied.push({ ...aboutOf(item, task), reason: denialReason(error) });
        judged.push(this.refused(item, task.caller, error));
      }
    }
    await this.auditLog.record(done);
    await this.auditLog.recordDenied(denied);
    return judged;
  }

  /** Says what would become of the items, and leaves everything as it is. Each is tried by itself. */
  async foretell(items: readonly BulkItemRow[], task: BulkTask): Promise<BulkItemRow[]> {
    const judged: BulkItemRow[] = [];
    for (const item of items) {
      try {
        const work = () => this.database.rehearsePart(() => run(this.services, item, task));
        const { result, notes } = await collectNotes(work);
        judged.push({ ...ended(item, result), ...UNDONE, etag: notes.get(item.revisionId)?.before ?? null });
      } catch (error) {
        judged.push(this.refused(item, task.caller, error));
      }
    }
    return judged;
  }

  /** Throws what is no fault of the item: then the transaction as a whole is tried again. */
  private refused(item: BulkItemRow, caller: Caller, error: unknown): BulkItemRow {
    if (isUnavailable(error)) throw error;
    const known = error instanceof DomainError ? error : fromDatabase(error);
    if (known === undefined) this.logger.error(error);
    return { ...item, state: 'failed', error: stored(known ? toldTo(caller, known) : UNEXPECTED) };
  }
}

/** What a rehearsal has made is not there. */
const UNDONE = { startedId: null, draftId: null };

const UNEXPECTED = new DomainError('internal', 'An unexpected error stopped this item; it is in the log.');

export const stored = ({ code, message, data }: DomainError): BulkItemRow['error'] => ({
  code,
  detail: message,
  data: { ...data } as never,
});

const inOrder = (items: readonly BulkItemRow[]): BulkItemRow[] =>
  items.toSorted((one, other) => (one.revisionId < other.revisionId ? -1 : 1));

async function run(
  services: BulkServices,
  row: BulkItemRow,
  { action, parameters, caller }: BulkTask,
): Promise<BulkOutcome> {
  caller.assertAllowed(action.permission, row);
  const item = { id: row.revisionId, caller, parameters: { ...parameters, ...row.parameters } };
  const seen = row.ifMatch === null ? undefined : { ifMatch: row.ifMatch };
  if (!action.needsEtag) return action.run(services, item, seen);
  if (!seen) throw new Error(`An item of ${action.single} came without its entity tag`);
  return action.run(services, item, seen);
}

function ended(item: BulkItemRow, outcome: BulkOutcome): BulkItemRow {
  if (outcome === null) return { ...item, state: 'succeeded' };
  if ('kind' in outcome) return { ...item, state: 'started', startedId: outcome.id };
  if ('draft' in outcome) {
    const { draft, warnings } = outcome;
    return { ...item, state: 'succeeded', draftId: draft.id, etag: revisionEtag(draft), warnings: [...warnings] };
  }
  return { ...item, state: 'succeeded', etag: revisionEtag(outcome) };
}

const aboutOf = ({ revisionId, repositoryId, path }: BulkItemRow, { action }: BulkTask): AuditEvent => ({
  ...{ action: action.single, resourceType: 'PackageRevision', resourceId: revisionId, repositoryId, path },
});

/** As `AuditTrail` writes it of a single request. */
function entryOf(
  item: BulkItemRow,
  task: BulkTask,
  outcome: BulkOutcome,
  { before = null, after, reason }: NotedChange,
): AuditEvent {
  const about = aboutOf(item, task);
  if (outcome !== null && 'draft' in outcome) {
    return { ...about, resourceId: outcome.draft.id, before: null, after: revisionEtag(outcome.draft) };
  }
  const isAccepted = outcome !== null && 'kind' in outcome;
  const now = isAccepted ? before : outcome && revisionEtag(outcome);
  return {
    ...about,
    ...{ before, after: after === undefined ? now : after, reason: reason ?? null },
    operationId: isAccepted ? outcome.id : null,
  };
}
