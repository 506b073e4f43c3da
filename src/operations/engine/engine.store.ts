import { Injectable } from '@nestjs/common';
import { type Standing, StandingRights } from '../../access/standing-rights.js';
import { selectFields } from '../../database/columns.js';
import { Database } from '../../database/database.js';
import { type EndedOperation, OperationEvents, TOLD_OF_OPERATION } from '../../events/operation-events.js';
import {
  type Approval,
  type Operation,
  type PackageRevision,
  Prisma,
  type Repository,
} from '../../database/generated/client.js';
import type { AuthorTie } from '../../domain/release-policy.js';
import { factsOf, kindsIn, kindsWhere } from '../../domain/operation.js';
import { IS_LEFT } from '../../jobs/operation.sql.js';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import { actedOn } from '../../revisions/approvals.js';
import { PackageRevisionStore, type Version } from '../../revisions/package-revision.store.js';
import { RevisionNumbers } from '../../revisions/revision-numbers.js';
import type { Lease } from '../../jobs/lease.js';
import { IS_TOLD } from './polling.store.js';

/** More than any burst of approvals; a longer queue is taken in several visits. */
const GROUP_SIZE = 2_000;

const READING = kindsWhere(({ readsOnly }) => readsOnly);
const ON_REPOSITORIES = kindsIn('repository');
const FOLDED_WHEN_TAKEN = kindsWhere(({ folds }) => folds === 'always');
const NOTED_BEFORE_PUSH = kindsWhere(({ cancels }) => cancels === 'untilPushed');

/**
 * The operation is new, or its retry is due, or a worker that died has left it. A new one that writes waits as well while
 * the remote is known not to answer, so that a hundred edits do not ask it a hundred times.
 */
const IS_DUE = Prisma.sql`o.kind = ANY(${ON_REPOSITORIES}::"OperationKind"[]) AND (
  o.state = 'queued' AND (o.kind = ANY(${READING}::"OperationKind"[]) OR NOT EXISTS (
    SELECT 1 FROM repository_polling p WHERE p.repository_id = o.repository_id AND p.blocked_until > now()))
  OR ${IS_LEFT}
)`;

const VISIT_DUE = Prisma.sql`next_sync_at <= now() AND (failures > 0 OR refs_digest IS NULL OR history_due)`;

/** Whether {@link EngineStore.due} may give any. */
export const IS_ANY_DUE = Prisma.sql`
  EXISTS (SELECT 1 FROM operation o WHERE o.repository_id IS NOT NULL AND o.state IN ('queued', 'running') AND ${IS_DUE})
  OR EXISTS (SELECT 1 FROM repository_polling WHERE ${VISIT_DUE})`;

/** What the index knows about the revisions that a group of operations is about; null: deleted. */
export interface GroupFacts {
  revisions: Map<string, PackageRevision | null>;
  /** Highest number ever given out, by package path. */
  numbers: ReadonlyMap<string, bigint>;
  /** The highest published version, by package id. */
  latest: ReadonlyMap<string, Version>;
  /** The approvals that these operations were let through by, and what those who gave them may do now. */
  approvals: ReadonlyMap<string, Approval>;
  standing: Standing;
  /** Who the Git authors of the drafts and proposals are here, by the revision's id. */
  authorTies: ReadonlyMap<string, readonly AuthorTie[]>;
}

/** The engine's statements over operations and what is due. */
@Injectable()
export class EngineStore {
  constructor(
    private readonly database: Database,
    private readonly numbers: RevisionNumbers,
    private readonly revisions: PackageRevisionStore,
    private readonly rights: StandingRights,
    private readonly events: OperationEvents,
  ) {}

  findRepository(id: string): Promise<Repository | null> {
    return this.database.client.repository.findUnique({ where: { id } });
  }

  /**
   * Takes the repository's unfinished operations, in the order they were asked for, once one of them is due; only while
   * the lease holds, so that no other worker is at them. Of several pushes of one draft the first does the work of all,
   * since it reads the row when it runs; not one that somebody has asked to cancel, because its end is not theirs.
   */
  async claim(repositoryId: string, lease: Lease): Promise<Operation[]> {
    // The state is asked for twice: the inner select may be from before a cancellation that the update waits for.
    const found = await this.database.client.$queryRaw<{ id: string; coveredBy: string | null }[]>`
      WITH open AS (
        SELECT id, kind, revision_id, state, cancel_requested FROM operation
        WHERE repository_id = ${repositoryId}::uuid AND state IN ('queued', 'running') AND ${lease.held}
        AND kind = ANY(${ON_REPOSITORIES}::"OperationKind"[])
        AND EXISTS (SELECT 1 FROM operation o WHERE o.repository_id = ${repositoryId}::uuid AND ${IS_DUE})
        ORDER BY id LIMIT ${GROUP_SIZE}
      ), covered AS (
        SELECT id, first FROM (
          SELECT id, state, first_value(id) OVER (PARTITION BY kind, revision_id ORDER BY id) AS first
          FROM open WHERE kind = ANY(${FOLDED_WHEN_TAKEN}::"OperationKind"[]) AND NOT cancel_requested
        ) alike WHERE id <> first AND state = 'queued'
      ), taken AS (
        UPDATE operation SET state = 'running', attempts = attempts + 1, next_attempt_at = NULL, waiting_for = NULL,
          started_at = coalesce(started_at, now())
        WHERE state IN ('queued', 'running') AND id IN (SELECT id FROM open EXCEPT SELECT id FROM covered)
        RETURNING id
      )
      SELECT id, NULL::uuid AS "coveredBy" FROM taken UNION ALL SELECT id, first FROM covered`;
    const taken = found.flatMap(({ id, coveredBy }) => (coveredBy === null ? id : []));
    if (taken.length < found.length) await this.fold(found.filter(({ coveredBy }) => coveredBy !== null));
    if (taken.length === 0) return [];
    return this.database.client.operation.findMany({ where: { id: { in: taken } }, orderBy: { id: 'asc' } });
  }

  /** Ends operations whose work another one does; those that are left by a worker that ends here are found again. */
  private async fold(covered: readonly { id: string; coveredBy: string | null }[]): Promise<void> {
    await this.database.transaction(async () => {
      const folded = await this.database.client.$queryRaw<EndedOperation[]>`
        UPDATE operation o SET state = 'cancelled', finished_at = now(),
          result = jsonb_build_object('coveredBy', c.first)
        FROM unnest(${covered.map(({ id }) => id)}::uuid[], ${covered.map(({ coveredBy }) => coveredBy)}::uuid[]) AS c(id, first)
        WHERE o.id = c.id AND o.state = 'queued' AND NOT o.cancel_requested
        RETURNING ${selectFields(Object.keys(TOLD_OF_OPERATION), 'o')}`;
      await this.events.finished(folded);
    });
  }

  /** How many operations of the repository nobody has taken yet. */
  async queued(repositoryId: string): Promise<number> {
    return this.database.client.operation.count({
      where: { repositoryId, state: 'queued', kind: { in: ON_REPOSITORIES } },
    });
  }

  async factsFor(repositoryId: string, operations: readonly TypedOperation[]): Promise<GroupFacts> {
    const ids = [...new Set(operations.flatMap((operation) => operation.revisionId ?? []))];
    if (ids.length === 0)
      return {
        ...{ revisions: new Map(), numbers: new Map(), latest: new Map(), approvals: new Map(), authorTies: new Map() },
        standing: await this.rights.of([]),
      };
    const rows = await this.database.client.packageRevision.findMany({ where: { id: { in: ids } } });
    const numbers = await this.numbers.highest(
      repositoryId,
      rows.map((row) => row.path),
    );
    const latest = await this.revisions.latestOf([...new Set(rows.map((row) => row.packageId))]);
    const revisions = new Map<string, PackageRevision | null>(ids.map((id) => [id, null]));
    for (const row of rows) revisions.set(row.id, row);
    const approvalIds = operations.flatMap(({ payload }) =>
      'approvalIds' in payload ? (payload.approvalIds ?? []) : [],
    );
    const approvals = await this.database.client.approval.findMany({
      where: { id: { in: approvalIds } },
      orderBy: { id: 'asc' },
    });
    return {
      revisions,
      numbers,
      latest,
      approvals: new Map(approvals.map((approval) => [approval.id, approval])),
      standing: await this.rights.of(approvals.map(actedOn)),
      authorTies: await this.revisions.authorTiesOf(ids),
    };
  }

  /** Notes that the remote answered, if the lease still holds. */
  async noteAnswer(repositoryId: string, lease: Lease, nextSyncAt: Date): Promise<void> {
    await this.database.client.$executeRaw`
      UPDATE repository_polling SET last_synced_at = now(), next_sync_at = ${nextSyncAt}, failures = 0, blocked_until = NULL
      WHERE repository_id = ${repositoryId}::uuid AND ${lease.held}`;
  }

  async isPollDue(repositoryId: string): Promise<boolean> {
    const row = await this.database.client.repositoryPolling.findUnique({ where: { repositoryId } });
    return row !== null && row.nextSyncAt <= new Date();
  }

  /** Whether its Git host tells of changes by itself, so that the poll can take its time. */
  async isTold(repositoryId: string): Promise<boolean> {
    const rows = await this.database.client.$queryRaw<{ isTold: boolean }[]>`
      SELECT ${IS_TOLD} AS "isTold" FROM repository_polling p WHERE p.repository_id = ${repositoryId}::uuid`;
    return rows[0]?.isTold ?? false;
  }

  /** Whether commits of the repository's ref, or what they made of its packages, may still have to be recorded. */
  async isHistoryDue(repositoryId: string): Promise<boolean> {
    const row = await this.database.client.repositoryPolling.findUnique({ where: { repositoryId } });
    return row?.historyDue ?? false;
  }

  /** Notes that nothing of the history is left to record. It leaves the time of the next visit as it is: the visit may have asked for one at once. */
  async noteHistory(repositoryId: string, lease: Lease): Promise<void> {
    await this.database.client.$executeRaw`
      UPDATE repository_polling SET history_due = FALSE WHERE repository_id = ${repositoryId}::uuid AND ${lease.held}`;
  }

  /** Notes that the remote did not answer; gives how often that was so in a row. */
  async noteFailure(repositoryId: string, nextSyncAt: Date): Promise<number> {
    const [row] = await this.database.client.$queryRaw<{ failures: number }[]>`
      UPDATE repository_polling SET failures = failures + 1, next_sync_at = ${nextSyncAt}
      WHERE repository_id = ${repositoryId}::uuid RETURNING failures`;
    return row?.failures ?? 1;
  }

  async block(repositoryId: string, seconds: number): Promise<void> {
    await this.database.client.$executeRaw`
      UPDATE repository_polling SET blocked_until = now() + make_interval(secs => ${seconds})
      WHERE repository_id = ${repositoryId}::uuid`;
  }

  /**
   * Repositories with something to do that no worker is at, and that the poll does not look after. Those that only have
   * to be read come last: a first sync of many large ones must not keep an approval waiting.
   */
  async due(limit: number): Promise<string[]> {
    const rows = await this.database.client.$queryRaw<{ id: string }[]>`
      SELECT due.id FROM (
        SELECT o.repository_id AS id, bool_and(o.kind = ANY(${READING}::"OperationKind"[])) AS only_reads, min(o.created_at) AS since
        FROM operation o WHERE o.repository_id IS NOT NULL AND o.state IN ('queued', 'running') AND ${IS_DUE} GROUP BY 1
        UNION ALL
        SELECT repository_id, true, next_sync_at FROM repository_polling
        WHERE ${VISIT_DUE}
      ) due
      WHERE NOT EXISTS (SELECT 1 FROM lease l WHERE l.scope_id = due.id AND l.expires_at > now())
      GROUP BY due.id ORDER BY bool_and(due.only_reads), min(due.since) LIMIT ${limit}`;
    return rows.map((row) => row.id);
  }

  /**
   * Notes, before a push, that the remote may have these operations' work from now on. One without the note can be
   * cancelled while the remote is away; one with it first has to look there.
   */
  async markPushing(ids: readonly string[]): Promise<void> {
    await this.database.client.$executeRaw`
      UPDATE operation SET progress = '{"done": 0, "total": 1, "message": "Pushing"}'
      WHERE id = ANY(${ids}::uuid[]) AND kind = ANY(${NOTED_BEFORE_PUSH}::"OperationKind"[]) AND progress IS NULL`;
  }

  async saveSyncProgress(operations: readonly TypedOperation[], done: number, total: number): Promise<void> {
    const ids = operations.filter(({ kind }) => factsOf(kind).readsOnly).map(({ id }) => id);
    if (ids.length === 0) return;
    await this.database.client.$executeRaw`
      UPDATE operation SET progress = jsonb_build_object('done', ${done}::int, 'total', ${total}::int, 'message', 'Reading refs')
      WHERE id = ANY(${ids}::uuid[]) AND state = 'running'`;
  }

  /** Puts operations back into the queue, but for those that may be on the remote already: they have to be looked for. */
  async putBack(operations: readonly TypedOperation[]): Promise<void> {
    await this.database.client.$executeRaw`
      UPDATE operation SET state = 'queued', attempts = attempts - 1
      WHERE id = ANY(${operations.map(({ id }) => id)}::uuid[]) AND state = 'running' AND NOT cancel_requested
      AND (progress IS NULL OR NOT kind = ANY(${NOTED_BEFORE_PUSH}::"OperationKind"[]))`;
  }
}
