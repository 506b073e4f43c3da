import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { partSql, rowsOf, type SortKey } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import { type FleetGrouping, GROUP_SORT, groupsSql, inFleet } from './fleet.sql.js';

/** How many packages were made from a revision. */
export interface UpstreamUse {
  packageId: string;
  /** The name of its repository. */
  repository: string;
  path: string;
  revisionId: string;
  revision: string;
  packages: number;
}

/** What is counted of the packages of a group. */
export interface FleetGroupRow {
  /** 1: of packages that are in no such group; `key` and `id` stand for nothing then. */
  none: number;
  key: string;
  /** `NO_ID` where the group has none. */
  id: string;
  packages: number;
  published: number;
  behind: number;
  drifted: number;
  unhealthy: number;
  openDrafts: number;
  upstreamRevisions: UpstreamUse[];
}

/** As the statement gives it: uses as a text of JSON, which takes PostgreSQL less than their values do. */
type WrittenGroup = Omit<FleetGroupRow, 'upstreamRevisions'> & { upstreamRevisions: string };

/** A published revision of a blueprint. */
export interface MatrixColumn {
  revisionId: string;
  revision: string;
  publishedAt: Date | null;
}

/** A package of a target that was made from the blueprint. */
export interface MatrixUse {
  packageId: string;
  repositoryId: string;
  path: string;
  /** The folder that was; empty: the package itself. */
  folder: string;
  revisionId: string | null;
  revision: string | null;
  behind: number | null;
}

export interface MatrixRow {
  name: string;
  id: string | null;
  packageCount: number;
  uses: MatrixUse[];
}

/** How many columns there are, and packages of a row. */
const MOST_COLUMNS = 100;
const MOST_USES = 500;

const MATRIX_SORT: readonly SortKey<MatrixRow>[] = [
  { key: 'name', column: Prisma.sql`g.name`, type: 'text', order: 'ascending' },
];

/** What runs where, from the index: packages that have a target. */
@Injectable()
export class FleetStore {
  constructor(private readonly database: Database) {}

  async groups(grouping: FleetGrouping, visible: Visibility, part: Part): Promise<Rows<FleetGroupRow>> {
    const page = partSql<FleetGroupRow>(GROUP_SORT, [], part);
    const found = await this.database.read<WrittenGroup>(groupsSql(grouping, visible, page));
    const { rows, next } = rowsOf(GROUP_SORT, found, part);
    return {
      rows: rows.map((row) => ({ ...row, upstreamRevisions: JSON.parse(row.upstreamRevisions) as UpstreamUse[] })),
      next,
    };
  }

  /** The newest first. */
  async columns(packageId: string): Promise<MatrixColumn[]> {
    return this.database.read<MatrixColumn>(Prisma.sql`
      SELECT r.id AS "revisionId", r.revision, r.published_at AS "publishedAt" FROM package_revision r
      WHERE r.package_id = ${packageId}::uuid AND r.lifecycle IN ('published', 'deletionProposed') AND r.revision IS NOT NULL
      ORDER BY r.version_key COLLATE "C" DESC NULLS LAST, r.revision DESC LIMIT ${MOST_COLUMNS}`);
  }

  /** By target: what of it was made from any revision of a package, as its latest publication says. */
  async rows(packageId: string, visible: Visibility, part: Part): Promise<Rows<MatrixRow>> {
    const found = await this.database.read<MatrixRow>(Prisma.sql`
      WITH pin AS (SELECT x.* FROM upstream x WHERE x.package_id = ${packageId}::uuid), used AS (
        SELECT p.id, p.target, p.repository_id, p.path, '' AS folder, x.revision_id, x.revision, x.behind
        FROM pin x JOIN package p ON p.upstream_id = x.id WHERE ${inFleet(visible)}
        UNION ALL
        SELECT p.id, p.target, p.repository_id, p.path, f.path, x.revision_id, x.revision, x.behind
        FROM pin x JOIN subpackage f ON f.upstream_id = x.id JOIN package_revision r ON r.tree = f.tree_oid AND r.latest
          JOIN package p ON p.id = r.package_id
        WHERE ${inFleet(visible)}
      ), page AS (
        SELECT g.name FROM (SELECT DISTINCT u.target AS name FROM used u) g ${partSql(MATRIX_SORT, [], part)}
      )
      SELECT g.name, t.id, g."packageCount", g.uses FROM (
        SELECT u.target AS name, count(DISTINCT u.id)::int AS "packageCount",
          json_agg(json_build_object('packageId', u.id, 'repositoryId', u.repository_id, 'path', u.path, 'folder', u.folder,
            'revisionId', u.revision_id, 'revision', u.revision, 'behind', u.behind) ORDER BY u.path, u.folder, u.id)
            FILTER (WHERE u.number <= ${MOST_USES}) AS uses
        FROM (
          SELECT u.*, row_number() OVER (PARTITION BY u.target ORDER BY u.path, u.folder, u.id) AS number
          FROM used u WHERE u.target = ANY(ARRAY(SELECT p.name FROM page p))
        ) u
        GROUP BY u.target
      ) g LEFT JOIN target t ON t.name = g.name ORDER BY g.name`);
    return rowsOf(MATRIX_SORT, found, part);
  }
}
