import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { columnOf, jsonFields, selectFields, toColumns } from '../database/columns.js';
import { type PackageRevision, Prisma } from '../database/generated/client.js';
import { insertRows } from '../database/insert-rows.js';
import { batchesOf } from '../domain/batches.js';
import type { VoidReason } from '../domain/release-policy.js';
import type { Condition, Upstream } from '../domain/revision.js';
import { pinId } from '../domain/upstream-pin.js';
import { EventLog } from '../events/event-log.js';
import { Metrics } from '../logging/metrics.js';
import type { published } from './published.js';
import {
  comesOrGoes,
  isOfPublication,
  losesClones,
  REVISION_CHANGES,
  REVISION_STATE,
  type RevisionChange,
  type RevisionChangeKind,
  type RevisionState,
  voidsApprovals,
} from './revision-change.js';
import { DriftLog } from './drift/drift-log.js';
import { Upstreams } from './upstreams/upstreams.js';
import { eventOf } from './revision-event.js';

const ROWS_PER_INSERT = 500;
const STATE_FIELDS = Object.keys(REVISION_STATE);

/** The values that a change gives to columns; those left out stay. Where a revision belongs never changes. */
export type RevisionColumns = Omit<
  Prisma.PackageRevisionUncheckedUpdateInput,
  'id' | 'version' | 'upstreamId' | 'repositoryId' | 'packageId' | 'path' | 'name' | 'workspace' | 'asFound'
>;

/** The columns of a publication, and whose they are. */
export type PublishedRow = Pick<PackageRevision, 'id'> & ReturnType<typeof published>;

/**
 * The only writer of revisions' rows. Every change passes {@link record}, inside its transaction, with what the revision
 * was and what it is.
 */
@Injectable()
export class RevisionWriter {
  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
    private readonly events: EventLog,
    private readonly drift: DriftLog,
    private readonly upstreams: Upstreams,
  ) {}

  /** Inserts rows and leaves out those whose name, workspace or revision is taken; returns how many were new. */
  async insert(kind: RevisionChangeKind, rows: readonly PackageRevision[]): Promise<number> {
    const changes: RevisionChange[] = [];
    await this.upstreams.named(
      rows.flatMap(({ upstream }) => upstreamIn(upstream)),
      rows.map(({ tree }) => tree),
    );
    for (const batch of batchesOf(rows, ROWS_PER_INSERT)) {
      const count = await insertRows(this.database, 'package_revision', batch);
      const written = count === batch.length ? batch : await this.presentAmong(batch);
      for (const after of written) changes.push({ kind, before: null, after });
    }
    await this.record(changes);
    return changes.length;
  }

  /** The row, locked until the transaction ends; null where it was deleted meanwhile. */
  async lock(id: string): Promise<PackageRevision | null> {
    await this.database.client.$queryRaw`SELECT 1 FROM package_revision WHERE id = ${id}::uuid FOR UPDATE`;
    return this.database.client.packageRevision.findUnique({ where: { id } });
  }

  /** Changes a row that the caller holds locked, or that nothing else can change. */
  async update(kind: RevisionChangeKind, before: RevisionState, columns: RevisionColumns): Promise<void> {
    const [upstream] = upstreamIn(columns.upstream);
    const trees = typeof columns.tree === 'string' && columns.tree !== before.tree ? [columns.tree] : [];
    if (upstream || trees.length > 0) await this.upstreams.named(upstream ? [upstream] : [], trees);
    const { lifecycle, revision, tree, tag, commit } = await this.database.client.packageRevision.update({
      where: { id: before.id },
      data: {
        ...columns,
        ...(upstream && { upstreamId: pinId(upstream) }),
        asFound: false,
        ...(REVISION_CHANGES[kind].stale && { version: { increment: 1 } }),
      },
      select: REVISION_STATE,
    });
    const conditions = kind === 'conditionSet' ? (columns.conditions as unknown as Condition[]) : undefined;
    await this.record([{ kind, before, after: { ...before, lifecycle, revision, tree, tag, commit }, conditions }]);
  }

  /** As {@link update}, of rows that are still there with the content they are to be published with: there may be a thousand. */
  async publishAll(rows: readonly PublishedRow[]): Promise<void> {
    const [first] = rows;
    if (!first) return;
    const { id: _id, ...values } = first;
    const columns = Object.keys(values).map(columnOf);
    const changed = await this.database.client.$queryRaw<{ before: RevisionState; after: RevisionState }[]>`
      WITH given AS (SELECT * FROM json_populate_recordset(NULL::package_revision, ${JSON.stringify(rows.map(toColumns))}::json)),
      old AS (SELECT r.* FROM package_revision r JOIN given g ON g.id = r.id AND g.tree = r.tree ORDER BY r.id FOR UPDATE OF r)
      UPDATE package_revision r
      SET (${Prisma.raw(columns.join(', '))}) = ROW(${Prisma.raw(columns.map((column) => `g.${column}`).join(', '))}), version = r.version + 1
      FROM given g JOIN old ON old.id = g.id WHERE r.id = g.id
      RETURNING ${jsonFields(STATE_FIELDS, 'old')} AS before, ${jsonFields(STATE_FIELDS, 'r')} AS after`;
    const publishers = new Map(rows.map(({ id, publishedBy }) => [id, publishedBy]));
    await this.record(
      changed.map(({ before, after }) => ({ kind: 'published', before, after, by: publishers.get(after.id) })),
    );
  }

  /**
   * Deletes the rows for which `condition` holds of `r`; gives what they were. Published ones leave a tombstone, with who
   * did it (null: somebody in Git).
   */
  async remove(kind: RevisionChangeKind, condition: Prisma.Sql, by: string | null): Promise<RevisionState[]> {
    const gone = await this.database.client.$queryRaw<RevisionState[]>`
      WITH r AS (DELETE FROM package_revision r WHERE ${condition} RETURNING r.*),
      tombstones AS (${tombstonesSql(Prisma.sql`r`, { by, moved: false })})
      SELECT ${selectFields(STATE_FIELDS, 'r')} FROM r`;
    await this.record(gone.map((before) => ({ kind, before, after: null, by: by ?? undefined })));
    return gone;
  }

  /** Keeps what a published revision is, which is about to become something else by its tag. */
  async keepAsTombstone(id: string): Promise<void> {
    const r = Prisma.sql`(SELECT * FROM package_revision WHERE id = ${id}::uuid)`;
    await this.database.client.$executeRaw`${tombstonesSql(r, { by: null, moved: true })}`;
  }

  /** Every change of a revision comes by here once, in its transaction; what follows from it is written here too. */
  async record(changes: readonly RevisionChange[]): Promise<void> {
    for (const change of changes) {
      const reason = voidsApprovals(change);
      if (reason !== null && change.after) await this.voidApprovals(change.after.id, reason);
      if (losesClones(change) && change.after) await this.untieClones(change.after.id);
    }
    if (changes.length === 0) return;
    await this.events.record(changes.flatMap(eventOf));
    await this.upstreams.changed([
      ...new Set(changes.filter(isOfPublication).map(({ before, after }) => (after ?? before)?.packageId ?? '')),
    ]);
    await this.drift.changed(changes.filter(comesOrGoes).flatMap(({ before, after }) => after ?? before ?? []));
    await this.database.afterCommit(() => {
      for (const { kind } of changes) this.metrics.revisionChanged(kind);
    });
  }

  /** From now on no approval of the revision counts. */
  private async voidApprovals(revisionId: string, reason: VoidReason): Promise<void> {
    await this.database.client.approval.updateMany({
      where: { revisionId, voidedAt: null },
      data: { voidedAt: new Date(), voidReason: reason },
    });
  }

  private async untieClones(id: string): Promise<void> {
    await this.database.client.packageRevision.updateMany({
      where: { upstreamRevisionId: id },
      data: { upstreamRevisionId: null },
    });
  }

  private async presentAmong(rows: readonly PackageRevision[]): Promise<PackageRevision[]> {
    const found = await this.database.client.packageRevision.findMany({
      where: { id: { in: rows.map(({ id }) => id) } },
      select: { id: true },
    });
    const ids = new Set(found.map(({ id }) => id));
    return rows.filter(({ id }) => ids.has(id));
  }
}

/** Rows of package_revision as deleted ones, with their approvers; drafts leave none. What was proposed of them is over. */
function tombstonesSql(rows: Prisma.Sql, { by, moved }: { by: string | null; moved: boolean }): Prisma.Sql {
  return Prisma.sql`
    INSERT INTO deleted_revision (revision_id, deleted_at, deleted_by, moved, repository_id, package_id, path, revision,
      version_key, published_at, "row", file_count, size_bytes)
    SELECT r.id, now(), ${by}, ${moved}, r.repository_id, r.package_id, r.path, r.revision, r.version_key, r.published_at,
      to_jsonb(r) || '{"lifecycle": "published", "latest": false, "branch": null}' || jsonb_build_object('approvers', ARRAY(
        SELECT a.approved_by FROM approval a WHERE a.revision_id = r.id AND a.tree = r.tree AND a.voided_at IS NULL ORDER BY a.created_at)),
      COALESCE(t.file_count, 0), COALESCE(t.size_bytes, 0)
    FROM ${rows} r LEFT JOIN package_tree t ON t.oid = r.tree
    WHERE r.revision IS NOT NULL AND r.published_at IS NOT NULL
    ON CONFLICT DO NOTHING`;
}

/** What a column of JSON says that a revision is made from, where it says so. */
const upstreamIn = (column: unknown): Upstream[] =>
  typeof column === 'object' && column !== null && 'url' in column ? [column as unknown as Upstream] : [];
