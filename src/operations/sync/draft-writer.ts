import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Package, PackageRevision, Repository } from '../../database/generated/client.js';
import { packageDirectory } from '../../domain/identity.js';
import { isPublished } from '../../domain/lifecycle.js';
import { shortRef } from '../../domain/ref-layout.js';
import type { Upstream } from '../../domain/revision.js';
import type { OperationTarget } from '../../domain/operation.js';
import { voidApprovals } from '../../revisions/approvals.js';
import { Outbox } from '../outbox.js';
import {
  type DraftDecision,
  type IndexedDraft,
  type LocalDraft,
  desiredRef,
  isPending,
  reconcileDraft,
} from '../../domain/draft-reconcile.js';
import type { DraftFacts } from './facts.js';
import type { KnownRevision } from '../../revisions/known-revision.js';
import { newRevision } from '../../revisions/new-revision.js';

/** Brings draft rows and draft branches together. Runs inside the sync's transaction. */
@Injectable()
export class DraftWriter {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  async write(
    repository: Repository,
    packages: ReadonlyMap<string, Package>,
    revisions: ReadonlyMap<string, KnownRevision[]>,
    drafts: readonly { path: string; workspace: string; remote: DraftFacts | null }[],
  ): Promise<void> {
    const operations = await this.operationsOf(drafts.flatMap(({ remote }) => remote?.operationId ?? []));
    for (const { path, workspace, remote } of drafts) {
      const owner = packages.get(path);
      const found = owner && revisions.get(owner.id)?.find((row) => row.workspace === workspace);
      const operation = operations.get(remote?.operationId ?? '');
      if (found) {
        // A branch left beside the tag that published it says nothing new.
        if (isPublished(found.lifecycle)) continue;
        const ours = operation !== undefined && !operation.finished && operation.revisionId === found.id;
        await this.settle(repository, found.id, remote, ours);
      } else if (remote && operation && !operation.revisionExists) {
        await this.discard(repository, path, operation, remote);
      } else if (remote && owner) {
        const data = [newRow(repository, owner, remote)];
        await this.database.client.packageRevision.createMany({ data, skipDuplicates: true });
      }
    }
  }

  /** Decides on the row as it is now (an edit may have come since the sync began) and writes the decision. */
  private async settle(repository: Repository, id: string, remote: DraftFacts | null, ours: boolean): Promise<void> {
    await this.database.client.$queryRaw`SELECT 1 FROM package_revision WHERE id = ${id}::uuid FOR UPDATE`;
    const row = await this.database.client.packageRevision.findUnique({ where: { id } });
    if (!row || row.lifecycle === 'published' || row.lifecycle === 'deletionProposed') return;
    const directory = packageDirectory(repository.directory, row.path);
    const local: IndexedDraft = { ...row, lifecycle: row.lifecycle };
    const decision = reconcileDraft(local, remote && { ...remote, ours }, desiredRef(local, directory, row.workspace));
    if (decision === 'keep') return;
    if (decision === 'remove') {
      await this.database.client.packageRevision.delete({ where: { id } });
      return;
    }
    const data = changeOf(decision, local, remote);
    const after = { ...local, ...data };
    // Also of a branch in conflict: whoever commits to a draft is no longer somebody else to it.
    const editors = [...new Set([...row.editors, ...(remote?.editors ?? [])])];
    const pending = isPending(after, desiredRef(after, directory, row.workspace));
    await this.database.client.packageRevision.update({
      where: { id },
      data: {
        ...data,
        editors,
        gitState: decision === 'conflict' ? 'conflict' : pending ? 'pending' : 'synced',
        gitMessage: decision === 'conflict' && remote ? conflictMessage(remote) : null,
        ...(decision === 'adopt' && remote && { ...adopted(row, remote), version: { increment: 1 } }),
      },
    });
    if (after.tree !== row.tree) await voidApprovals(this.database, id, 'changed');
    else if (after.lifecycle === 'draft') await voidApprovals(this.database, id, 'rejected');
    if (decision === 'restart' || (decision === 'advance' && pending)) {
      await this.outbox.start({
        kind: 'push',
        repositoryId: repository.id,
        revisionId: id,
        path: row.path,
        target: { type: 'PackageRevision', id, name: row.name },
        payload: {},
        requestedBy: row.updatedBy,
      });
    }
  }

  /** The branch is ours, and its revision was deleted while its push was under way. */
  private async discard(repository: Repository, path: string, push: KnownOperation, remote: DraftFacts): Promise<void> {
    await this.outbox.start({
      kind: 'discard',
      repositoryId: repository.id,
      path,
      target: push.target,
      payload: { branches: [{ ref: remote.ref, commit: remote.commit }] },
      requestedBy: push.requestedBy,
    });
  }

  private async operationsOf(ids: readonly string[]): Promise<Map<string, KnownOperation>> {
    const uuids = ids.filter((id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id));
    const rows = await this.database.client.$queryRaw<(KnownOperation & { id: string })[]>`
      SELECT o.id, o.revision_id AS "revisionId", o.target, o.requested_by AS "requestedBy",
        o.finished_at IS NOT NULL AS finished,
        EXISTS (SELECT 1 FROM package_revision r WHERE r.id = o.revision_id) AS "revisionExists"
      FROM operation o WHERE o.id = ANY(${uuids}::uuid[]) AND o.kind = 'push'`;
    return new Map(rows.map((row) => [row.id, row]));
  }
}

interface KnownOperation {
  revisionId: string | null;
  target: OperationTarget;
  requestedBy: string;
  finished: boolean;
  revisionExists: boolean;
}

type Change = Partial<Omit<LocalDraft, 'tree'>> & { tree?: string; conflictTree?: string | null };

function changeOf(decision: DraftDecision, local: LocalDraft, remote: DraftFacts | null): Change {
  const settled = { conflictCommit: null, conflictTree: null };
  if (decision === 'restart' || remote === null) {
    return { commit: null, branch: null, pushedTree: null, pushedBase: null, ...settled };
  }
  if (decision === 'conflict') {
    return { branch: remote.ref, conflictCommit: remote.commit, conflictTree: remote.tree };
  }
  const seen = { commit: remote.commit, branch: remote.ref, pushedTree: remote.tree, ...settled };
  if (decision === 'advance') return { ...seen, pushedBase: remote.baseCommit ?? local.pushedBase };
  return {
    ...seen,
    tree: remote.tree,
    lifecycle: remote.lifecycle,
    baseCommit: remote.baseCommit,
    pushedBase: remote.baseCommit,
  };
}

/** What else the other writer's commit tells; what it leaves out stays. */
function adopted(row: PackageRevision, remote: DraftFacts) {
  const { upstream, source } = remote;
  const known = row.upstream as unknown as Upstream | null;
  const moved = upstream !== null && upstream.commit !== known?.commit;
  return {
    updatedAt: remote.changedAt,
    updatedBy: remote.changedBy,
    proposedBy: proposerOf(row, remote),
    ...(source.type !== 'discovered' && { source }),
    ...(moved && { upstream: { ...upstream }, upstreamCommit: upstream.commit, upstreamRevisionId: null }),
  };
}

/** A branch that others renamed says nothing of who did it. */
function proposerOf(row: PackageRevision, remote: DraftFacts): string | null {
  if (remote.lifecycle === 'draft') return null;
  return row.lifecycle === 'proposed' ? row.proposedBy : remote.proposedBy;
}

function conflictMessage(remote: DraftFacts): string {
  return (
    `The branch ${shortRef(remote.ref)} was changed by ${remote.changedBy} while an edit waited to be pushed. ` +
    'Both are kept; compare them with resources?side=remote and settle it with the resolve action.'
  );
}

function newRow(repository: Repository, owner: Package, draft: DraftFacts) {
  return {
    ...newRevision(repository, owner, draft.workspace),
    lifecycle: draft.lifecycle,
    source: draft.source,
    upstream: draft.upstream === null ? undefined : { ...draft.upstream },
    upstreamCommit: draft.upstream?.commit ?? null,
    tree: draft.tree,
    baseCommit: draft.baseCommit,
    branch: draft.ref,
    commit: draft.commit,
    pushedTree: draft.tree,
    pushedBase: draft.baseCommit,
    gitState: 'synced' as const,
    createdAt: draft.changedAt,
    createdBy: draft.createdBy ?? draft.changedBy,
    updatedAt: draft.changedAt,
    updatedBy: draft.changedBy,
    editors: draft.editors,
    proposedBy: draft.lifecycle === 'proposed' ? draft.proposedBy : null,
  };
}
