import { Injectable } from '@nestjs/common';
import type { Operation } from '../../database/generated/client.js';
import type { KindIn, OperationPayloads } from '../../domain/operation.js';
import { Outbox } from '../../jobs/outbox.js';
import type { RevisionRow } from '../../revisions/revision-row.js';

/** The remote work that changes of a revision cause. Always called inside the transaction of the change. */
@Injectable()
export class RevisionWork {
  constructor(private readonly outbox: Outbox) {}

  /** Brings the remote's branch up to date; while the draft is in conflict, its resolution is what does that. */
  async push(row: RevisionRow, actor: string): Promise<void> {
    if (row.gitState !== 'conflict') await this.start(row, actor, 'push', {});
  }

  /** Publishes exactly the content that the approvers saw. */
  publish(row: RevisionRow, actor: string, approvals: Omit<OperationPayloads['publish'], 'tree'>): Promise<Operation> {
    return this.start(row, actor, 'publish', { tree: row.tree, ...approvals });
  }

  /** `force`: also where the ref holds something else of the package. */
  delete(row: RevisionRow, actor: string, force: boolean): Promise<Operation> {
    const { tree, path, revision, deletionHead: head } = row;
    const payload = { tree, path, ...(revision !== null && { revision }), ...(head !== null && { head }) };
    return this.start(row, actor, 'delete', { ...payload, ...(force && { force }) });
  }

  /** Removes the branch of a deleted draft, where the remote is known to have one. */
  discard(row: RevisionRow, actor: string): Promise<Operation> {
    const branches = row.branch !== null && row.commit !== null ? [{ ref: row.branch, commit: row.commit }] : [];
    return this.start(row, actor, 'discard', { branches });
  }

  private start<Kind extends KindIn<'repository'>>(
    row: RevisionRow,
    actor: string,
    kind: Kind,
    payload: OperationPayloads[Kind],
  ): Promise<Operation> {
    return this.outbox.start<KindIn<'repository'>>({
      kind,
      repositoryId: row.repositoryId,
      revisionId: row.id,
      path: row.path,
      target: { type: 'PackageRevision', id: row.id, name: row.name },
      payload,
      requestedBy: actor,
    });
  }
}
