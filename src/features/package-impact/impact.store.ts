import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { partSql, rowsOf, type SortKey } from '../../database/list.sql.js';
import type { Lifecycle } from '../../domain/lifecycle.js';
import type { Part, Rows } from '../../domain/list.js';
import type { StoredUpstreamStatus } from '../../domain/upstream-status.js';
import { foldersBehindSql, upstreamStatusSql } from '../../revisions/upstreams/upstream-status.sql.js';

/** A draft or proposal of the package that was made from an upstream. */
export interface OpenDraft {
  revisionId: string;
  workspace: string;
  lifecycle: Lifecycle;
}

/** A package that was made from another, directly or through others. */
export interface ImpactRow {
  id: string;
  depth: number;
  /** The package that it was made from. */
  via: string;
  repositoryId: string;
  repository: string;
  path: string;
  target: string | null;
  package: string;
  /** Its latest publication; null where it has drafts alone. */
  latestId: string | null;
  latestRevision: string | null;
  upstreamId: string | null;
  upstreamStatus: StoredUpstreamStatus | null;
  /** Folders of the latest publication of whose upstream, whichever that is, a newer version is published. */
  foldersBehind: number;
  drafts: OpenDraft[];
}

export interface ImpactSummary {
  packages: number;
  direct: number;
  targets: number;
  behind: number;
  drafts: number;
}

const OPEN = Prisma.sql`r.lifecycle IN ('draft', 'proposed')`;

const SORT: readonly SortKey<ImpactRow>[] = [
  { key: 'depth', column: Prisma.sql`n.depth`, type: 'number', order: 'ascending' },
  { key: 'path', column: Prisma.sql`p.path`, type: 'text', order: 'ascending' },
  { key: 'id', column: Prisma.sql`p.id`, type: 'id', order: 'ascending' },
];

/**
 * `node (id, depth, via)`: each package once, by its shortest way, that what it publishes or an open draft of it was made from
 * a package already found. A package that may not be seen leads nowhere: nothing shows of what is behind it.
 */
const nodesSql = (packageId: string, depth: number, visible: Visibility): Prisma.Sql => Prisma.sql`
  WITH RECURSIVE tree (id, depth, via) AS (
    SELECT ${packageId}::uuid, 0, NULL::uuid
    UNION
    SELECT d.id, t.depth + 1, t.id FROM tree t JOIN upstream x ON x.package_id = t.id CROSS JOIN LATERAL (
      SELECT p.id FROM package p WHERE p.upstream_id = x.id AND ${visibleSql(visible, 'p') ?? Prisma.sql`TRUE`}
      UNION ALL
      SELECT r.package_id FROM package_revision r
      WHERE r.upstream_id = x.id AND ${OPEN} AND ${visibleSql(visible, 'r') ?? Prisma.sql`TRUE`}
      UNION ALL
      SELECT r.package_id FROM subpackage s JOIN package_revision r ON r.tree = s.tree_oid
      WHERE s.upstream_id = x.id AND (r.latest OR ${OPEN}) AND ${visibleSql(visible, 'r') ?? Prisma.sql`TRUE`}
    ) d
    WHERE t.depth < ${depth}::int AND d.id <> ${packageId}::uuid
  ), node AS (
    SELECT DISTINCT ON (t.id) t.id, t.depth, t.via FROM tree t WHERE t.depth > 0 ORDER BY t.id, t.depth, t.via
  )`;

/** Who was made from a package. */
@Injectable()
export class ImpactStore {
  constructor(private readonly database: Database) {}

  async list(packageId: string, depth: number, visible: Visibility, part: Part): Promise<Rows<ImpactRow>> {
    const rows = await this.database.read<ImpactRow>(Prisma.sql`${nodesSql(packageId, depth, visible)}
      SELECT p.id, n.depth, n.via, p.repository_id AS "repositoryId", s.name AS repository, p.path, p.target, p.name AS package,
        l.id AS "latestId", l.revision AS "latestRevision", p.upstream_id AS "upstreamId",
        ${upstreamStatusSql(Prisma.sql`p.upstream_id`)} AS "upstreamStatus",
        ${foldersBehindSql(Prisma.sql`l.tree`)} AS "foldersBehind", COALESCE((
          SELECT json_agg(json_build_object('revisionId', r.id, 'workspace', r.workspace, 'lifecycle', r.lifecycle) ORDER BY r.id)
          FROM package_revision r WHERE r.package_id = p.id AND ${OPEN}), '[]') AS drafts
      FROM node n JOIN package p ON p.id = n.id JOIN repository s ON s.id = p.repository_id
        LEFT JOIN package_revision l ON l.package_id = p.id AND l.latest
      ${partSql(SORT, [], part)}`);
    return rowsOf(SORT, rows, part);
  }

  async summary(packageId: string, depth: number, visible: Visibility): Promise<ImpactSummary> {
    const [row] = await this.database.read<ImpactSummary>(Prisma.sql`${nodesSql(packageId, depth, visible)}
      SELECT count(*)::int AS packages, count(*) FILTER (WHERE n.depth = 1)::int AS direct,
        count(DISTINCT p.target)::int AS targets,
        count(*) FILTER (WHERE x.state = 'behind' OR ${foldersBehindSql(Prisma.sql`l.tree`)} > 0)::int AS behind,
        COALESCE(sum((SELECT count(*) FROM package_revision r WHERE r.package_id = p.id AND ${OPEN})), 0)::int AS drafts
      FROM node n JOIN package p ON p.id = n.id LEFT JOIN upstream x ON x.id = p.upstream_id
        LEFT JOIN package_revision l ON l.package_id = p.id AND l.latest`);
    if (!row) throw new Error('Counts without a row');
    return row;
  }
}
