import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { type Package, type PackageRevision, Prisma, type Repository } from '../database/generated/client.js';
import { type DraftDecision, isPending, type LocalDraft, type RemoteDraft } from '../domain/draft-reconcile.js';
import { shortRef } from '../domain/ref-layout.js';
import { policyOf } from '../domain/release-policy.js';
import type { Upstream } from '../domain/revision.js';
import type { NewBase } from './authored-revisions.js';
import { DriftLog } from './drift/drift-log.js';
import type { FoundDrift, Held } from './drift/found-drift.js';
import type { DraftFacts } from './git-facts.js';
import { newRevision } from './new-revision.js';
import type { RevisionChangeKind } from './revision-change.js';
import { type RevisionColumns, RevisionWriter } from './revision-writer.js';

/** A row that is a draft or a proposal. */
export type DraftRow = PackageRevision & Pick<LocalDraft, 'lifecycle'>;

/** What a branch is to the row of its draft. */
export type BranchSides = Pick<RemoteDraft, 'ours' | 'isBeyond' | 'isNewer'> & {
  /** The service itself has brought the branch from what the row knows of to where it is. */
  isOurWork: boolean;
};

/** What follows from the branch of a draft. */
type Settled = Exclude<DraftDecision, 'keep' | 'restart'>;

const KINDS: Record<Settled, RevisionChangeKind> = {
  advance: 'branchNoted',
  adopt: 'branchAdopted',
  conflict: 'conflicted',
  remove: 'disappeared',
};

/** Drafts and proposals as the remote's branches tell them. Runs inside the transaction of a sync. */
@Injectable()
export class DiscoveredDrafts {
  constructor(
    private readonly database: Database,
    private readonly writer: RevisionWriter,
    private readonly drift: DriftLog,
  ) {}

  /** Inserts a draft that only Git has told of, unless its name is another's. */
  async insert(repository: Repository, owner: Package, draft: DraftFacts): Promise<void> {
    const { workspace, tree, source, upstream, changedAt: at, changedBy } = draft;
    const row: PackageRevision = {
      ...newRevision(repository, owner, { workspace, tree, source, upstream, at, by: draft.createdBy ?? changedBy }),
      lifecycle: draft.lifecycle,
      gitState: 'synced',
      ...(await this.baseOf(owner.id, draft)),
      branch: draft.ref,
      commit: draft.commit,
      pushedTree: tree,
      pushedBase: draft.baseCommit,
      updatedBy: changedBy,
      editors: draft.editors,
      gitAuthors: draft.gitAuthors,
      proposedBy: draft.lifecycle === 'proposed' ? draft.proposedBy : null,
      lastDecision: draft.lastDecision,
      proposedPolicy: draft.lifecycle === 'proposed' ? { ...policyOf(repository) } : null,
    };
    const isNew = (await this.writer.insert('draftFound', [row])) > 0;
    // A branch that holds only what the service has committed is one that it knows from before.
    if (isNew && draft.gitAuthors.length > 0) await this.drift.found([pushed(row, draft, {})]);
  }

  /** The row as it is now, locked until the transaction ends; null where it is no draft or proposal any more. */
  async lock(id: string): Promise<DraftRow | null> {
    const row = await this.writer.lock(id);
    if (!row || row.lifecycle === 'published' || row.lifecycle === 'deletionProposed') return null;
    return { ...row, lifecycle: row.lifecycle };
  }

  /**
   * Carries out what was decided on the two sides of a draft; `remote` is null where its branches are gone. `desired` is
   * the branch that a lifecycle asks for. Returns whether the draft holds what its branch does not.
   */
  async settle(
    repository: Pick<Repository, 'deployment' | 'policy'>,
    row: DraftRow,
    decision: Settled,
    remote: (DraftFacts & BranchSides) | null,
    desired: (lifecycle: LocalDraft['lifecycle']) => string,
  ): Promise<boolean> {
    if (decision === 'remove') {
      await this.writer.remove(KINDS[decision], Prisma.sql`r.id = ${row.id}::uuid`, null);
      const { repositoryId, path, branch } = row;
      const place = { repositoryId, path, ref: branch ?? desired(row.lifecycle), revisionId: null };
      await this.drift.found([{ kind: 'branchDeleted', ...place, git: {}, held: heldBy(row) }]);
      return false;
    }
    const sides = settledSides(decision, row, remote);
    const base = decision === 'adopt' && remote ? await this.baseOf(row.packageId, remote) : {};
    const after = { ...row, ...sides };
    const pending = isPending(after, desired(after.lifecycle));
    const inConflict = decision === 'conflict' && remote !== null;
    const columns: RevisionColumns = {
      ...sides,
      ...base,
      // Also in a conflict: a person who has committed to the branch has a part in the draft from then on.
      editors: [...new Set([...row.editors, ...(remote?.editors ?? [])])],
      gitAuthors: [...new Set([...row.gitAuthors, ...(remote?.gitAuthors ?? [])])],
      gitState: decision === 'conflict' ? 'conflict' : pending ? 'pending' : 'synced',
      gitMessage: inConflict ? conflictMessage(remote) : null,
      ...(decision === 'adopt' && remote && told(row, remote)),
      ...(after.lifecycle !== row.lifecycle && {
        proposedPolicy: after.lifecycle === 'proposed' ? { ...policyOf(repository) } : Prisma.DbNull,
      }),
    };
    await this.writer.update(KINDS[decision], row, columns);
    // An index that was restored from a backup finds what the service has pushed since.
    if (remote && !remote.isOurWork && decision !== 'advance')
      await this.drift.found([pushed(row, remote, heldBy(row))]);
    return pending;
  }

  /** The branch is begun anew, with `tree`: the draft's content as Git writes it. */
  async restart(row: DraftRow, tree: string): Promise<void> {
    const nothing = { commit: null, branch: null, pushedTree: null, pushedBase: null };
    const settled = { conflictCommit: null, conflictTree: null, gitState: 'pending', gitMessage: null } as const;
    await this.writer.update(tree === row.tree ? 'branchNoted' : 'branchAdopted', row, {
      ...nothing,
      ...settled,
      tree,
    });
  }

  /** What the draft stands on: the publication with that content, or else the one that its commits name. */
  private async baseOf(packageId: string, { baseCommit, baseTree, baseRevision }: DraftFacts): Promise<NewBase> {
    const same = await this.database.client.packageRevision.findFirst({
      where: { packageId, tree: baseTree ?? '', lifecycle: { in: ['published', 'deletionProposed'] } },
      orderBy: [{ latest: 'desc' }, { id: 'desc' }],
      select: { revision: true },
    });
    return { baseCommit, baseTree, baseRevision: same?.revision ?? baseRevision };
  }
}

/** Somebody has pushed to the draft's branch. */
const pushed = (row: PackageRevision, { ref, tip, tree }: DraftFacts, held: Held): FoundDrift => ({
  ...{ kind: 'branchPushed', repositoryId: row.repositoryId, path: row.path, ref, revisionId: row.id },
  ...{ git: { ...tip, tree }, held },
});

const heldBy = ({ commit, tree, workspace, upstream }: PackageRevision): Held => ({
  ...{ commit, tree, workspace, upstream: upstream as unknown as Upstream | null },
});

type Sides = Partial<Omit<LocalDraft, 'tree'>> & { tree?: string; conflictTree?: string | null };

/** What the row holds of its two sides after the decision. */
function settledSides(decision: Settled, local: LocalDraft, remote: DraftFacts | null): Sides {
  const settled = { conflictCommit: null, conflictTree: null };
  if (remote === null) return settled;
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
function told(row: DraftRow, remote: DraftFacts): RevisionColumns {
  const { upstream, source } = remote;
  const known = row.upstream as unknown as Upstream | null;
  const moved = upstream !== null && upstream.commit !== known?.commit;
  return {
    updatedAt: remote.changedAt,
    updatedBy: remote.changedBy,
    proposedBy: proposerOf(row, remote),
    ...(remote.lastDecision !== null && { lastDecision: remote.lastDecision }),
    ...(source.type !== 'discovered' && { source }),
    ...(moved && { upstream: { ...upstream }, upstreamCommit: upstream.commit, upstreamRevisionId: null }),
  };
}

/** A branch that others renamed says nothing of the person who did it. */
function proposerOf(row: DraftRow, remote: DraftFacts): string | null {
  if (remote.lifecycle === 'draft') return null;
  return row.lifecycle === 'proposed' ? row.proposedBy : remote.proposedBy;
}

function conflictMessage(remote: DraftFacts): string {
  return (
    `The branch ${shortRef(remote.ref)} was changed by ${remote.changedBy} while an edit waited to be pushed. ` +
    'Both are kept; compare them with resources?side=remote and settle it with the resolve action.'
  );
}
