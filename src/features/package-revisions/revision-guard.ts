import { Injectable } from '@nestjs/common';
import { noteChange } from '../../audit/noted-change.js';
import { DomainError } from '../../domain/errors.js';
import { assertPrecondition, type Precondition } from '../../domain/precondition.js';
import { PackageRevisionStore, type RevisionRow } from './package-revision.store.js';
import { revisionEtag } from './revision-etag.js';

/** How every change of a revision begins: of any number of writers at once, one is let through after the other. */
@Injectable()
export class RevisionGuard {
  constructor(private readonly store: PackageRevisionStore) {}

  /** The row, locked until the transaction ends, when it is what the caller saw. Throws notFound, preconditionFailed. */
  async lock(id: string, precondition?: Precondition): Promise<RevisionRow> {
    const row = await this.store.lock(id);
    if (row === null) throw notFound(id);
    if (row === 'gone') {
      throw new DomainError('preconditionFailed', `Package revision ${id} was deleted at this very moment.`);
    }
    const before = revisionEtag(row);
    if (precondition) assertPrecondition(precondition, before, `"${row.name}"`);
    noteChange(id, { before, repositoryId: row.repositoryId, path: row.path });
    return row;
  }

  /** As {@link lock}, and refuses while the revision is being published or deleted. */
  async lockIdle(id: string, precondition?: Precondition): Promise<RevisionRow> {
    const row = await this.lock(id, precondition);
    await this.assertIdle(row);
    return row;
  }

  async assertIdle(row: RevisionRow): Promise<void> {
    const operation = await this.store.unfinishedOperation(row.id, ['publish', 'delete']);
    if (!operation) return;
    const work = operation.kind === 'publish' ? 'published' : 'deleted';
    throw new DomainError(
      'operationInProgress',
      `"${row.name}" is being ${work}; wait for operation ${operation.id} to end, or cancel it.`,
      { operationId: operation.id },
    );
  }
}

export const notFound = (id: string): DomainError =>
  new DomainError('notFound', `There is no package revision with the id ${id}.`);

/** Throws `draftConflict` while two versions of the draft wait for someone to choose between them. */
export function assertNoDraftConflict(row: RevisionRow): void {
  if (row.gitState !== 'conflict') return;
  throw new DomainError(
    'draftConflict',
    `Someone pushed to the branch of "${row.name}" while an edit waited. Look at both sides, then POST …/resolve.`,
    { conflictCommit: row.conflictCommit, conflictTree: row.conflictTree },
  );
}
