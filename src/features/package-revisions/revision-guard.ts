import { Injectable } from '@nestjs/common';
import { noteChange } from '../../audit/noted-change.js';
import { DomainError } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import { factsOf } from '../../domain/operation.js';
import { assertPrecondition, namesEtag, type Precondition } from '../../domain/precondition.js';
import { type LockedRevision, PackageRevisionStore } from '../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../revisions/revision-row.js';
import { revisionEtag } from '../../domain/revision-etag.js';

/** Begins every change of a revision by locking it: writers that come at once go one after the other. */
@Injectable()
export class RevisionGuard {
  constructor(private readonly store: PackageRevisionStore) {}

  /** The row, locked until the transaction ends, when it is what the caller saw. Throws notFound, preconditionFailed. */
  async lock(id: string, precondition?: Precondition): Promise<RevisionRow> {
    return (await this.take(id, precondition)).row;
  }

  /** As {@link lock}, and refuses while the revision is being published or deleted. */
  async lockIdle(id: string, precondition?: Precondition): Promise<RevisionRow> {
    return (await this.takeIdle(id, precondition)).row;
  }

  /**
   * As {@link lockIdle}, for what is said of the content alone: the precondition may also name the content, by its tree,
   * so that it stands whatever else of the revision has changed.
   */
  async lockSeen(id: string, precondition: Precondition): Promise<RevisionRow> {
    const row = await this.lockIdle(id);
    if (!namesEtag(precondition.ifMatch, row.tree)) {
      assertPrecondition(precondition, revisionEtag(row), `"${row.name}"`, row);
    }
    return row;
  }

  /** As {@link lockIdle}, with what else is being done with it. */
  async takeIdle(id: string, precondition?: Precondition): Promise<LockedRevision> {
    const locked = await this.take(id, precondition);
    const { row, unfinished } = locked;
    for (const { id: operationId, kind } of unfinished) {
      const { blocksEdits } = factsOf(kind);
      if (blocksEdits === null) continue;
      throw new DomainError(
        'operationInProgress',
        `"${row.name}" is being ${blocksEdits}; wait for operation ${operationId} to end, or cancel it.`,
        { operationId },
      );
    }
    return locked;
  }

  private async take(id: string, precondition?: Precondition): Promise<LockedRevision> {
    const locked = found(await this.store.lock(id), 'package revision', id);
    if (locked === 'gone') {
      throw new DomainError('preconditionFailed', `Package revision ${id} was deleted at this very moment.`);
    }
    const { row } = locked;
    const before = revisionEtag(row);
    if (precondition) assertPrecondition(precondition, before, `"${row.name}"`, row);
    noteChange(id, { before, repositoryId: row.repositoryId, path: row.path });
    return locked;
  }
}

/** Throws `draftConflict` while two versions of the draft wait for someone to choose between them. */
export function assertNoDraftConflict(row: RevisionRow): void {
  if (row.gitState !== 'conflict') return;
  throw new DomainError(
    'draftConflict',
    `Someone pushed to the branch of "${row.name}" while an edit waited. Look at both sides, then POST …/resolve.`,
    { conflictCommit: row.conflictCommit, conflictTree: row.conflictTree },
  );
}
