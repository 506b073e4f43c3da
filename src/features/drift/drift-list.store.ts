import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { selectFields } from '../../database/columns.js';
import { Database } from '../../database/database.js';
import { type Drift, Prisma } from '../../database/generated/client.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import { DRIFT_SORTS, type DriftFilter, driftConditions } from './drift.filter.js';

/** Files that are named. */
const MOST_FILES = 100;

/** Drift as readers see it. */
export interface DriftRow extends Drift {
  repository: string;
  /** The package that is there now. */
  packageId: string | null;
  /** The latest revision of that. */
  latestRevision: string | null;
  /** Paths in which what Git holds and what was held differ, and how many there are; null: the index has not both of them. */
  files: string[] | null;
  fileCount: number | null;
}

const FIELDS = Object.values(Prisma.DriftScalarFieldEnum);
const OF_COMMIT = ['gitCommit', 'gitAuthor', 'gitCommitter', 'gitCommittedAt'];
const others = FIELDS.filter((field) => !OF_COMMIT.includes(field));

const filesOf = (tree: string): Prisma.Sql =>
  Prisma.raw(`(SELECT path, mode, blob_oid FROM package_file WHERE tree_oid = d.${tree} AND raw_path IS NULL)`);
const isIndexed = (tree: string): Prisma.Sql =>
  Prisma.raw(`(d.${tree} IS NULL OR EXISTS (SELECT 1 FROM package_tree t WHERE t.oid = d.${tree}))`);

/**
 * Who changed a head is told by the history of the ref, which is read behind it: until then only the commit of the ref is
 * known. All else is looked up for the rows `d` that are shown, and for no others.
 */
const SELECT = Prisma.sql`
  SELECT ${selectFields(others, 'd')}, (SELECT s.name FROM repository s WHERE s.id = d.repository_id) AS repository,
    (SELECT p.id FROM package p WHERE p.repository_id = d.repository_id AND p.path = d.path) AS "packageId",
    (SELECT l.revision FROM package_revision l JOIN package p ON p.id = l.package_id
      WHERE p.repository_id = d.repository_id AND p.path = d.path AND l.latest) AS "latestRevision",
    COALESCE(d.git_commit, h.oid, CASE WHEN d.kind = 'headDiffers' THEN (
      SELECT s.commit FROM repository s WHERE s.id = d.repository_id) END) AS "gitCommit",
    COALESCE(d.git_author, h.author) AS "gitAuthor", COALESCE(d.git_committer, h.committer) AS "gitCommitter",
    COALESCE(d.git_committed_at, h.committed_at) AS "gitCommittedAt",
    CASE WHEN x.is_known THEN COALESCE(x.files, '{}') END AS files, CASE WHEN x.is_known THEN x.count END AS "fileCount"`;
const LOOKED_UP = Prisma.sql`
    LEFT JOIN LATERAL (
      SELECT c.oid, f.author, f.committer, c.committed_at FROM package_commit c
      JOIN ref_commit f ON f.repository_id = c.repository_id AND f.oid = c.oid AND f.lost_at IS NULL
      WHERE d.kind = 'headDiffers' AND c.repository_id = d.repository_id AND c.path = d.path
        AND c.tree_after IS NOT DISTINCT FROM d.git_tree
      ORDER BY c.position DESC LIMIT 1
    ) h ON true
    CROSS JOIN LATERAL (
      SELECT array_agg(y.path ORDER BY y.path) FILTER (WHERE y.place <= ${MOST_FILES}) AS files, count(*)::int AS count,
        d.path IS NOT NULL AND ${isIndexed('git_tree')} AND ${isIndexed('held_tree')} AS is_known
      FROM (
        SELECT COALESCE(a.path, b.path) AS path, row_number() OVER (ORDER BY COALESCE(a.path, b.path)) AS place
        FROM ${filesOf('git_tree')} a FULL JOIN ${filesOf('held_tree')} b ON a.path = b.path
        WHERE (a.mode, a.blob_oid) IS DISTINCT FROM (b.mode, b.blob_oid)
      ) y
    ) x`;

@Injectable()
export class DriftListStore {
  constructor(private readonly database: Database) {}

  /** Newest first unless asked for otherwise. */
  async list(filter: DriftFilter, visible: Visibility, part: Part): Promise<Rows<DriftRow>> {
    const sort = sortOf(DRIFT_SORTS, part.sort ?? '-foundAt');
    const conditions = [...driftConditions(filter), ...[visibleSql(visible, 'd') ?? []].flat()];
    const found = await this.database.read<DriftRow>(Prisma.sql`
      ${SELECT} FROM (SELECT d.* FROM drift d ${partSql(sort, conditions, part)}) d ${LOOKED_UP}
      ${partSql(sort, [], { size: part.size })}`);
    return rowsOf(sort, found, part);
  }

  async find(id: string): Promise<DriftRow | null> {
    const [row] = await this.database.readByKey<DriftRow>(
      Prisma.sql`${SELECT} FROM drift d ${LOOKED_UP} WHERE d.id = ${id}::uuid`,
    );
    return row ?? null;
  }

  /** As {@link find}; it, and its package before it, stay as they are until the transaction ends. */
  async lock(id: string): Promise<DriftRow | null> {
    await this.database.client.$queryRaw`
      SELECT 1 FROM package p JOIN drift d ON p.repository_id = d.repository_id AND p.path = d.path
      WHERE d.id = ${id}::uuid FOR UPDATE OF p`;
    await this.database.client.$queryRaw`SELECT 1 FROM drift WHERE id = ${id}::uuid FOR UPDATE`;
    return this.find(id);
  }
}
