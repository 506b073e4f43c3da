import { Injectable } from '@nestjs/common';
import { DomainError } from '../domain/errors.js';
import type { DraftBase } from '../domain/draft-base.js';
import type { DeletionHead } from '../domain/head-state.js';
import type { LocalDraft } from '../domain/draft-reconcile.js';
import type { ReleasePolicy } from '../domain/release-policy.js';
import type { Condition, Decision, RevisionSource, Upstream } from '../domain/revision.js';
import { type Package, Prisma, type Repository } from '../database/generated/client.js';
import { type Beginning, newRevision } from './new-revision.js';
import { PackageRevisionStore } from './package-revision.store.js';
import type { RevisionRow } from './revision-row.js';
import { type RevisionColumns, RevisionWriter } from './revision-writer.js';
import type { RevisionChangeKind } from './revision-change.js';

type StringMap = Record<string, string>;

/** What a draft stands on from now on, and the commit of the ref where that is so. */
export type NewBase = DraftBase & { baseCommit: string | null };

/** What a draft holds, and where that is from. */
export interface Remade {
  tree: string;
  source: RevisionSource;
  upstream: Upstream;
  upstreamRevisionId: string;
}

/**
 * What people change of a revision. Rows come in as their lock gave them and go out as the change has left them; what a
 * change means for the remote is asked of the outbox by the caller.
 */
@Injectable()
export class AuthoredRevisions {
  constructor(
    private readonly writer: RevisionWriter,
    private readonly store: PackageRevisionStore,
  ) {}

  /** Throws `alreadyExists` where a sync has just found a revision of the same name. */
  async createDraft(
    repository: Pick<Repository, 'id' | 'name' | 'deployment' | 'directory'>,
    owner: Pick<Package, 'id' | 'path' | 'target' | 'realm' | 'name'>,
    beginning: Beginning &
      NewBase & {
        upstreamRevisionId: string | null;
        labels: StringMap;
        annotations: StringMap;
        conditions: Condition[];
      },
  ): Promise<RevisionRow> {
    const { upstreamRevisionId, labels, annotations, conditions, baseCommit, baseTree, baseRevision } = beginning;
    const row = {
      ...newRevision(repository, owner, beginning),
      lifecycle: 'draft' as const,
      gitState: 'pending' as const,
      baseCommit,
      baseTree,
      baseRevision,
      upstreamRevisionId,
      labels,
      annotations,
      conditions,
    };
    if ((await this.writer.insert('created', [row])) === 0) throw nameTaken(row.name);
    return this.store.reread(row.id);
  }

  /** Notes the upstream that the content of a draft or proposal names by itself. */
  async readUpstream(row: RevisionRow, upstream: Upstream, upstreamRevisionId: string): Promise<RevisionRow> {
    const columns = { upstream: { ...upstream }, upstreamCommit: upstream.commit, upstreamRevisionId };
    await this.writer.update('upstreamRead', row, columns);
    return this.store.reread(row.id);
  }

  /** Gives a draft or proposal another content. */
  edit(row: RevisionRow, tree: string, actor: string): Promise<RevisionRow> {
    return this.change('edited', row, actor, { tree, editors: withEditor(row, actor), ...unpushed(row) });
  }

  /** `policy`: what is in force now, which the proposal is held to from now on. */
  propose(
    row: RevisionRow,
    actor: string,
    policy: ReleasePolicy,
    conditions: readonly Condition[],
  ): Promise<RevisionRow> {
    const columns = {
      lifecycle: 'proposed',
      conditions: [...conditions],
      proposedBy: actor,
      proposedPolicy: { ...policy },
      ...unpushed(row),
    } as const;
    return this.change('proposed', row, actor, columns);
  }

  returnToDraft(row: RevisionRow, decision: Decision & { action: 'reject' | 'withdraw' }): Promise<RevisionRow> {
    const kind = decision.action === 'reject' ? 'rejected' : 'withdrawn';
    return this.decide(kind, row, decision, { lifecycle: 'draft', ...NOT_PROPOSED });
  }

  /** `deletionHead`: what the ref is to hold then. */
  proposeDeletion(
    row: RevisionRow,
    deletionHead: DeletionHead | null,
    decision: Decision & { action: 'propose-deletion' },
    policy: ReleasePolicy,
  ): Promise<RevisionRow> {
    const proposal = { proposedBy: decision.by, proposedPolicy: { ...policy }, deletionHead };
    return this.decide('deletionProposed', row, decision, { lifecycle: 'deletionProposed', ...proposal });
  }

  rejectDeletion(row: RevisionRow, decision: Decision & { action: 'reject-deletion' }): Promise<RevisionRow> {
    const columns = { lifecycle: 'published', ...NOT_PROPOSED, deletionHead: null } as const;
    return this.decide('deletionRejected', row, decision, columns);
  }

  /** Bases a draft on what the repository's ref holds now; `tree` is what is in it then. */
  rebase(row: RevisionRow, base: NewBase, tree: string, actor: string): Promise<RevisionRow> {
    return this.change('rebased', row, actor, {
      ...base,
      tree,
      ...(tree !== row.tree && { editors: withEditor(row, actor) }),
      ...unpushed(row),
    });
  }

  /** Gives a draft the content that one begun now would have. */
  renew(row: RevisionRow, made: NewBase & Remade, actor: string): Promise<RevisionRow> {
    const { upstream, ...columns } = made;
    return this.change('edited', row, actor, {
      ...columns,
      upstream: { ...upstream },
      upstreamCommit: upstream.commit,
      ...(made.tree !== row.tree && { editors: withEditor(row, actor) }),
      ...unpushed(row),
    });
  }

  /** As {@link rebase}, with the content as it is: it is to be published over what is there. The condition says so. */
  overwrite(row: RevisionRow, base: NewBase, condition: Condition, actor: string): Promise<RevisionRow> {
    const conditions = [...row.conditions.filter(({ type }) => type !== condition.type), condition];
    return this.change('overwritingNamed', row, actor, { ...base, conditions, ...unpushed(row) });
  }

  /** Ends a conflict with the side that was chosen; `pending`: the remote does not hold that yet. */
  resolveConflict(row: RevisionRow, settled: LocalDraft, pending: boolean, actor: string): Promise<RevisionRow> {
    return this.change('conflictResolved', row, actor, {
      ...settled,
      ...(settled.tree !== row.tree && { editors: withEditor(row, actor) }),
      conflictTree: null,
      gitState: pending ? 'pending' : 'synced',
      gitMessage: null,
    });
  }

  label(
    row: RevisionRow,
    metadata: { labels: StringMap; annotations: StringMap },
    actor: string,
  ): Promise<RevisionRow> {
    return this.change('labelled', row, actor, metadata);
  }

  /** Makes nobody's edit or approval stale: conditions speak of the content, and change nothing of it. */
  async setConditions(row: RevisionRow, conditions: Condition[]): Promise<void> {
    await this.writer.update('conditionSet', row, { conditions });
  }

  async deleteDraft({ id }: RevisionRow): Promise<void> {
    await this.writer.remove('deleted', Prisma.sql`r.id = ${id}::uuid`, null);
  }

  private decide(
    kind: RevisionChangeKind,
    row: RevisionRow,
    lastDecision: Decision,
    columns: RevisionColumns,
  ): Promise<RevisionRow> {
    return this.change(kind, row, lastDecision.by, { ...columns, lastDecision, ...unpushed(row) });
  }

  private async change(
    kind: RevisionChangeKind,
    row: RevisionRow,
    actor: string,
    columns: RevisionColumns,
  ): Promise<RevisionRow> {
    await this.writer.update(kind, row, { ...columns, updatedAt: new Date(), updatedBy: actor });
    return this.store.reread(row.id);
  }
}

const NOT_PROPOSED = { proposedBy: null, proposedPolicy: Prisma.DbNull };

/** A change waits for its push from now on. A conflict outlives every change but its resolution. */
const unpushed = (row: RevisionRow): RevisionColumns =>
  row.gitState === 'conflict' ? {} : { gitState: 'pending', gitMessage: null };

/** The editors after a change of the content by `user`, who is last then. */
const withEditor = ({ editors }: Pick<RevisionRow, 'editors'>, user: string): string[] => [
  ...editors.filter((editor) => editor !== user),
  user,
];

const nameTaken = (name: string): DomainError =>
  new DomainError('alreadyExists', `There is a package revision "${name}" already; choose another workspace.`);
