import { Injectable } from '@nestjs/common';
import { ContentService } from '../../content/content.service.js';
import { Database } from '../../database/database.js';
import type { Package, Repository } from '../../database/generated/client.js';
import { desiredRef, reconcileDraft } from '../../domain/draft-reconcile.js';
import { packageDirectory } from '../../domain/identity.js';
import { isPublished } from '../../domain/lifecycle.js';
import { kindsWhere, type OperationTarget } from '../../domain/operation.js';
import { type BranchSides, DiscoveredDrafts, type DraftRow } from '../../revisions/discovered-drafts.js';
import type { KnownRevision } from '../../revisions/discovered-publications.js';
import { DriftLog } from '../../revisions/drift/drift-log.js';
import type { FoundDrift } from '../../revisions/drift/found-drift.js';
import type { DraftFacts, OwnDraftCommit } from '../../revisions/git-facts.js';
import { UnfinishedWork } from '../../revisions/unfinished-work.js';
import { Outbox } from '../../jobs/outbox.js';

const WRITING_BRANCHES = kindsWhere(({ writesBranches }) => writesBranches);

/** Brings draft rows and draft branches together. Runs inside the sync's transaction. */
@Injectable()
export class DraftWriter {
  constructor(
    private readonly database: Database,
    private readonly revisions: DiscoveredDrafts,
    private readonly contents: ContentService,
    private readonly outbox: Outbox,
    private readonly work: UnfinishedWork,
    private readonly drift: DriftLog,
  ) {}

  /** Returns the branches whose drafts were deleted meanwhile: they have to be read again, as nobody's or somebody else's. */
  async write(
    repository: Repository,
    packages: ReadonlyMap<string, Package>,
    revisions: ReadonlyMap<string, KnownRevision[]>,
    drafts: readonly { path: string; workspace: string; remote: DraftFacts | null }[],
  ): Promise<string[]> {
    const bereft: string[] = [];
    const pushes = await this.unfinishedPushes(
      repository.id,
      drafts.flatMap(({ remote }) => (remote ? [remote.operationId, ...remote.ownCommits.map(operationOf)] : [])),
    );
    for (const { path, workspace, remote } of drafts) {
      const owner = packages.get(path);
      const found = owner && revisions.get(owner.id)?.find((row) => row.workspace === workspace);
      const push = pushes.get(remote?.operationId ?? '');
      if (found) {
        // A branch that was left beside its published tag changes nothing.
        if (isPublished(found.lifecycle)) {
          if (remote && !(await this.work.isOn(found.id))) await this.drift.found([leftBeside(found, remote)]);
          continue;
        }
        const isPushOf = (id: string | null) => id !== null && pushes.get(id)?.revisionId === found.id;
        const isThere = await this.settle(repository, found.id, remote, isPushOf);
        if (!isThere && remote) bereft.push(remote.ref);
      } else if (remote && push && !push.revisionExists) {
        await this.discard(repository, path, push, remote);
      } else if (remote && owner) {
        await this.revisions.insert(repository, owner, remote);
      }
    }
    return bereft;
  }

  /** Pushes anew the drafts and proposals whose branches a repository does not have in the place it was moved to. */
  async restartMissing(repository: Repository, refs: ReadonlyMap<string, string>): Promise<void> {
    const rows = await this.database.client.packageRevision.findMany({
      where: { repositoryId: repository.id, lifecycle: { in: ['draft', 'proposed'] }, branch: { not: null } },
      select: { id: true, branch: true },
    });
    for (const { id, branch } of rows) {
      if (branch === null || refs.has(branch)) continue;
      const row = await this.revisions.lock(id);
      if (row === null) continue;
      await this.restart(repository, row);
    }
  }

  /**
   * Decides on the row as it is now (an edit may have come since the sync began) and carries the decision out. False: it
   * was deleted since.
   */
  private async settle(
    repository: Repository,
    id: string,
    remote: DraftFacts | null,
    isUnfinishedPush: (operationId: string | null) => boolean,
  ): Promise<boolean> {
    const row = await this.revisions.lock(id);
    if (row === null) return false;
    const desired = this.desiredOf(repository, row);
    const found = remote && { ...remote, ...sidesOf(row, remote, isUnfinishedPush) };
    const decision = reconcileDraft(row, found, desired(row.lifecycle));
    if (decision === 'restart') await this.restart(repository, row);
    if (decision === 'keep' || decision === 'restart') return true;
    const pending = await this.revisions.settle(repository, row, decision, found, desired);
    if (decision === 'advance' && pending) await this.push(repository, row);
    return true;
  }

  /** Only the index has the content now. Others may have written it in a way in which nobody can write it again. */
  private async restart(repository: Repository, row: DraftRow): Promise<void> {
    await this.revisions.restart(row, await this.contents.saveCanonical(row.tree));
    await this.push(repository, row);
  }

  private desiredOf(repository: Repository, row: DraftRow): (lifecycle: DraftRow['lifecycle']) => string {
    const directory = packageDirectory(repository.directory, row.path);
    return (lifecycle) => desiredRef({ lifecycle }, directory, row.workspace);
  }

  private async push(repository: Repository, { id, path, name, updatedBy }: DraftRow): Promise<void> {
    await this.outbox.start({
      kind: 'push',
      repositoryId: repository.id,
      revisionId: id,
      path,
      target: { type: 'PackageRevision', id, name },
      payload: {},
      requestedBy: updatedBy,
    });
  }

  /** Removes a branch that our own push made while its revision was being deleted. */
  private async discard(repository: Repository, path: string, push: UnfinishedPush, remote: DraftFacts): Promise<void> {
    await this.outbox.start({
      kind: 'discard',
      repositoryId: repository.id,
      path,
      target: push.target,
      payload: { branches: [{ ref: remote.ref, commit: remote.commit }] },
      requestedBy: push.requestedBy,
    });
  }

  /**
   * Of these operations the pushes whose end is not recorded: what is on the remote may be theirs. One that has ended has
   * left nothing behind, so that its branch is somebody's wish: they took its deletion back, or registered the repository
   * again.
   */
  private async unfinishedPushes(
    repositoryId: string,
    ids: readonly (string | null)[],
  ): Promise<Map<string, UnfinishedPush>> {
    const uuids = [...new Set(ids)].filter((id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id ?? ''));
    const rows = await this.database.client.$queryRaw<(UnfinishedPush & { id: string })[]>`
      SELECT o.id, o.revision_id AS "revisionId", o.target, o.requested_by AS "requestedBy",
        EXISTS (SELECT 1 FROM package_revision r WHERE r.id = o.revision_id) AS "revisionExists"
      FROM operation o
      WHERE o.id = ANY(${uuids}::uuid[]) AND o.kind = ANY(${WRITING_BRANCHES}::"OperationKind"[])
      AND o.repository_id = ${repositoryId}::uuid AND o.finished_at IS NULL`;
    return new Map(rows.map((row) => [row.id, row]));
  }
}

interface UnfinishedPush {
  revisionId: string | null;
  target: OperationTarget;
  requestedBy: string;
  revisionExists: boolean;
}

const operationOf = ({ operationId }: OwnDraftCommit): string | null => operationId;

/** What the branch is to the draft's row, where its commits are the service's own. */
function sidesOf(
  row: DraftRow,
  { commit: tip, operationId, ownCommits, changedAt }: DraftFacts,
  isUnfinishedPush: (operationId: string | null) => boolean,
): BranchSides {
  const ours = isUnfinishedPush(operationId);
  const isBeyond = !ours && ownCommits.map(operationOf).some(isUnfinishedPush);
  // Whoever gives our last commit another name is somebody else.
  const isGoneOn = tip !== row.commit && ownCommits.some(({ commit }) => commit === row.commit);
  return { ours, isBeyond, isNewer: changedAt > row.updatedAt, isOurWork: ours || isBeyond || isGoneOn };
}

const leftBeside = (row: KnownRevision, { ref, tip, tree }: DraftFacts): FoundDrift => ({
  ...{ kind: 'leftoverBranch', repositoryId: row.repositoryId, path: row.path, ref, revisionId: row.id },
  ...{ git: { ...tip, tree }, held: { commit: row.commit, tree: row.tree, revision: row.revision } },
});
