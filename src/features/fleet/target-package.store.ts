import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { partSql, rowsOf, type SortKey } from '../../database/list.sql.js';
import type { DeliveryHealth, DeliveryState } from '../../domain/delivery.js';
import type { PackageDriftState } from '../../domain/drift.js';
import type { Lifecycle } from '../../domain/lifecycle.js';
import type { Part, Rows } from '../../domain/list.js';
import type { StoredUpstreamStatus } from '../../domain/upstream-status.js';
import { foldersBehindSql, upstreamStatusSql } from '../../revisions/upstreams/upstream-status.sql.js';
import { OPEN } from './fleet.sql.js';

/** What a delivery tool says of a package; times are as PostgreSQL writes them. */
export interface TargetDelivery {
  tool: string;
  state: DeliveryState;
  health: DeliveryHealth;
  revision: string | null;
  message: string;
  observedAt: string;
}

/** A package that goes to a target, with what is asked of those in operation. */
export interface TargetPackageRow {
  id: string;
  repositoryId: string;
  repository: string;
  path: string;
  realm: string;
  package: string;
  driftState: PackageDriftState;
  /** The latest publication; null: nothing is published. */
  latestId: string | null;
  latestRevision: string | null;
  publishedAt: Date | null;
  publishedBy: string | null;
  upstreamId: string | null;
  upstreamStatus: StoredUpstreamStatus | null;
  /** Folders of the latest publication of whose upstream a newer version is published. */
  foldersBehind: number;
  drafts: { revisionId: string; workspace: string; lifecycle: Lifecycle }[];
  /** The last change of any of its revisions. */
  changedAt: Date | null;
  changedBy: string | null;
  /** What the objects of the latest publication name. */
  images: string[];
  /** The newest report about it. */
  delivery: TargetDelivery | null;
}

const SORT: readonly SortKey<TargetPackageRow>[] = [
  { key: 'path', column: Prisma.sql`p.path`, type: 'text', order: 'ascending' },
  { key: 'id', column: Prisma.sql`p.id`, type: 'id', order: 'ascending' },
];

/** Readers do not see a row that has neither a head nor a revision. */
const THERE = Prisma.sql`(p.head_tree IS NOT NULL OR EXISTS (SELECT 1 FROM package_revision r WHERE r.package_id = p.id))`;

@Injectable()
export class TargetPackageStore {
  constructor(private readonly database: Database) {}

  async isTarget(id: string): Promise<boolean> {
    return (await this.database.client.target.count({ where: { id } })) > 0;
  }

  /** By path. What belongs to a package is looked up for those that are shown, and for no others. */
  async list(targetId: string, visible: Visibility, part: Part): Promise<Rows<TargetPackageRow>> {
    const there = [Prisma.sql`p.target = (SELECT t.name FROM target t WHERE t.id = ${targetId}::uuid)`, THERE];
    const conditions = [...there, ...[visibleSql(visible, 'p') ?? []].flat()];
    const rows = await this.database.read<TargetPackageRow>(Prisma.sql`
      SELECT p.id, p.repository_id AS "repositoryId", s.name AS repository, p.path, p.realm, p.name AS package,
        p.drift_state AS "driftState", l.id AS "latestId", l.revision AS "latestRevision", l.published_at AS "publishedAt",
        l.published_by AS "publishedBy", p.upstream_id AS "upstreamId",
        ${upstreamStatusSql(Prisma.sql`p.upstream_id`)} AS "upstreamStatus",
        ${foldersBehindSql(Prisma.sql`l.tree`)} AS "foldersBehind", COALESCE((
          SELECT json_agg(json_build_object('revisionId', r.id, 'workspace', r.workspace, 'lifecycle', r.lifecycle) ORDER BY r.id)
          FROM package_revision r WHERE r.package_id = p.id AND ${OPEN}), '[]') AS drafts,
        c.updated_at AS "changedAt", c.updated_by AS "changedBy", ARRAY(
          SELECT DISTINCT i.image FROM package_file f JOIN krm_object o ON o.blob_oid = f.blob_oid
          CROSS JOIN unnest(o.images) AS i(image) WHERE f.tree_oid = l.tree ORDER BY i.image
        ) AS images, (
          SELECT json_build_object('tool', d.tool, 'state', d.state, 'health', d.health, 'revision', d.revision, 'message', d.message,
            'observedAt', d.observed_at)
          FROM package_delivery d WHERE d.package_id = p.id
        ) AS delivery
      FROM (SELECT p.* FROM package p ${partSql(SORT, conditions, part)}) p JOIN repository s ON s.id = p.repository_id
        LEFT JOIN package_revision l ON l.package_id = p.id AND l.latest
        LEFT JOIN LATERAL (
          SELECT r.updated_at, r.updated_by FROM package_revision r WHERE r.package_id = p.id
          ORDER BY r.updated_at DESC, r.id DESC LIMIT 1
        ) c ON true
      ORDER BY p.path, p.id`);
    return rowsOf(SORT, rows, part);
  }
}
