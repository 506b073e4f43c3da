import type { Caller } from '../../../access/caller.js';
import type { AuditEvent } from '../../../audit/audit-log.js';
import { collectNotes } from '../../../audit/noted-change.js';
import type { Operation } from '../../../database/generated/client.js';
import { revisionEtag } from '../../../domain/revision-etag.js';
import { withContext } from '../../../logging/request-context.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';

type Outcome = RevisionRow | Operation;

/** Does something in somebody's name, and gives the entry that a single request of theirs would have had in the audit log. */
export async function deed<Result extends Outcome>(
  action: string,
  actor: Caller,
  about: RevisionRow | null,
  run: () => Promise<Result>,
): Promise<{ result: Result; entry: AuditEvent }> {
  const { user, tokenId } = actor;
  const { result, notes } = await withContext({ actor: user, tokenId }, () => collectNotes(run));
  const row = 'lifecycle' in result ? result : about;
  const { before = null, reason } = notes.get(row?.id ?? '') ?? {};
  const entry = {
    ...{ action, resourceType: 'PackageRevision', resourceId: row?.id ?? null },
    ...{ repositoryId: row?.repositoryId ?? null, path: row?.path ?? null },
    ...{ before: about === null ? null : before, after: 'lifecycle' in result ? revisionEtag(result) : before },
    ...{ reason: reason ?? null, operationId: 'lifecycle' in result ? null : result.id },
    ...{ actor: user, tokenId: tokenId ?? null },
  };
  return { result, entry };
}
