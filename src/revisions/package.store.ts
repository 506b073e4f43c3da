import { Injectable } from '@nestjs/common';
import type { Visibility } from '../access/grants.js';
import { visibleSql } from '../access/visibility.sql.js';
import { Database } from '../database/database.js';
import { Prisma } from '../database/generated/client.js';
import { inAnswer, partSql, rowsOf, sortOf } from '../database/list.sql.js';
import type { DeliveryHealth, DeliveryState } from '../domain/delivery.js';
import type { PackageDriftState } from '../domain/drift.js';
import type { HeadState } from '../domain/head-state.js';
import type { Part, Rows } from '../domain/list.js';
import { deletedSinceSql, publishedBySql, rankSql } from './as-of.sql.js';
import { upstreamStatusSql } from './upstreams/upstream-status.sql.js';
import type { StoredUpstreamStatus } from '../domain/upstream-status.js';
import { PACKAGE_SORTS, type PackageFilter, packageConditions, upstreamParts } from './package.filter.js';

/** The newest report about a package; the ids of what is there are null where it is no publication, or not any more. */
export interface StoredDelivery {
  tool: string;
  state: DeliveryState;
  health: DeliveryHealth;
  revisionId: string | null;
  name: string | null;
  revision: string | null;
}

/** A package as readers see it. */
export interface PackageRow {
  id: string;
  repositoryId: string;
  repository: string;
  path: string;
  target: string | null;
  realm: string;
  name: string;
  headTree: string | null;
  headState: HeadState;
  /** The published revision that the head equals. */
  headRevisionId: string | null;
  driftState: PackageDriftState;
  /** The commit of the repository's ref that the head was read from. */
  commit: string | null;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  createdAt: Date;
  updatedAt: Date;
  upstreamId: string | null;
  upstreamStatus: StoredUpstreamStatus | null;
  latestId: string | null;
  latestName: string | null;
  latestRevision: string | null;
  revisionCount: number;
  delivery: StoredDelivery | null;
}

const FIELDS = Prisma.sql`
  SELECT p.id, p.repository_id AS "repositoryId", s.name AS repository, p.path, p.target, p.realm, p.name,
    p.head_tree AS "headTree", p.head_state AS "headState", p.head_revision_id AS "headRevisionId", p.drift_state AS "driftState",
    p.upstream_id AS "upstreamId", ${upstreamStatusSql(Prisma.sql`p.upstream_id`)} AS "upstreamStatus", s.commit, p.labels, p.annotations, p.created_at AS "createdAt", p.updated_at AS "updatedAt",
    l.id AS "latestId", l.name AS "latestName", l.revision AS "latestRevision", n.count AS "revisionCount", (
      SELECT json_build_object('tool', d.tool, 'state', d.state, 'health', d.health, 'revisionId', v.id,
        'name', v.name, 'revision', v.revision)
      FROM package_delivery d LEFT JOIN package_revision v ON v.id = d.delivered_id WHERE d.package_id = p.id
    ) AS delivery`;

const SELECT = Prisma.sql`${FIELDS}
  FROM package p
    JOIN repository s ON s.id = p.repository_id
    LEFT JOIN LATERAL (
      SELECT r.id, r.name, r.revision FROM package_revision r WHERE r.package_id = p.id AND r.latest LIMIT 1
    ) l ON true
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS count FROM package_revision r WHERE r.package_id = p.id
    ) n`;

/** Readers do not see a row that has neither a head nor a revision. */
const THERE = Prisma.sql`(p.head_tree IS NOT NULL OR EXISTS (SELECT 1 FROM package_revision r WHERE r.package_id = p.id))`;

/** The end of a list of what is there now. By states of upstreams it is read in parts, of which each gives as many ids as it may need. */
function presentSql(
  { upstreamState, ...filter }: PackageFilter,
  seen: readonly Prisma.Sql[],
  sort: (typeof PACKAGE_SORTS)[string],
  part: Part,
): Prisma.Sql {
  const conditions = [...packageConditions(filter), THERE, ...seen];
  if (upstreamState === undefined) return partSql(sort, conditions, part);
  const ids = upstreamParts(upstreamState).map(
    (condition) => Prisma.sql`ARRAY(SELECT p.id FROM package p ${partSql(sort, [...conditions, condition], part)})`,
  );
  return partSql(sort, [Prisma.sql`p.id = ANY(${Prisma.join(ids, ' || ')})`], { size: part.size });
}

/** Packages `p` that are gone, as their tombstones tell of them. */
const goneSql = (at: Date): Prisma.Sql => Prisma.sql`(
  SELECT DISTINCT ON (d.repository_id, d.path) d.package_id AS id, d.repository_id, d.path, d."row" ->> 'target' AS target,
    d."row" ->> 'realm' AS realm, d."row" ->> 'package_name' AS name, NULL::text AS head_tree,
    'absent'::"HeadState" AS head_state, NULL::uuid AS head_revision_id, 'none'::"PackageDrift" AS drift_state, NULL::uuid AS upstream_id, '{}'::jsonb AS labels, '{}'::jsonb AS annotations,
    d.published_at AS created_at, d.deleted_at AS updated_at
  FROM deleted_revision d
  WHERE ${deletedSinceSql('d', at)}
    AND NOT EXISTS (SELECT 1 FROM package k WHERE k.repository_id = d.repository_id AND k.path = d.path)
  ORDER BY d.repository_id, d.path, d.deleted_at DESC)`;

/** What these packages `p` had published at a moment, instead of what they have now. */
const pastSql = (packages: Prisma.Sql, at: Date): Prisma.Sql => Prisma.sql`${FIELDS}
  FROM ${packages} p
    JOIN repository s ON s.id = p.repository_id
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS count, (array_agg(v.id ORDER BY ${rankSql('v')} DESC) FILTER (WHERE v.version_key IS NOT NULL))[1] AS top
      FROM (
        SELECT r.id, r.version_key, r.revision FROM package_revision r WHERE r.package_id = p.id AND ${publishedBySql('r', at)}
        UNION ALL
        SELECT d.revision_id, d.version_key, d.revision FROM deleted_revision d
        WHERE d.repository_id = p.repository_id AND d.path = p.path AND ${deletedSinceSql('d', at)}
      ) v
    ) n
    LEFT JOIN LATERAL (
      SELECT r.id, r.name, r.revision FROM package_revision r WHERE r.id = n.top AND ${publishedBySql('r', at)}
      UNION ALL
      SELECT d.revision_id, d."row" ->> 'name', d.revision FROM deleted_revision d
      WHERE d.revision_id = n.top AND ${deletedSinceSql('d', at)}
    ) l ON true`;

@Injectable()
export class PackageStore {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<PackageRow | null> {
    const rows = await this.database.readByKey<PackageRow>(Prisma.sql`${SELECT} WHERE p.id = ${id}::uuid AND ${THERE}`);
    return rows[0] ?? null;
  }

  /** Oldest first unless asked for otherwise. */
  async list(filter: PackageFilter, visible: Visibility, part: Part): Promise<Rows<PackageRow>> {
    const { asOf } = filter;
    const sort = sortOf(PACKAGE_SORTS, part.sort ?? 'createdAt');
    const seen = [visibleSql(visible, 'p') ?? []].flat();
    const rows = asOf
      ? partSql(sort, [...packageConditions(filter), ...seen], part)
      : presentSql(filter, seen, sort, part);
    const found = await this.database.read<PackageRow>(
      asOf
        ? Prisma.sql`SELECT * FROM (
            (${pastSql(Prisma.sql`package`, asOf)} ${rows}) UNION ALL (${pastSql(goneSql(asOf), asOf)} ${rows})
          ) x ${partSql(inAnswer(sort), [], { size: part.size })}`
        : Prisma.sql`${SELECT} ${rows}`,
    );
    return rowsOf(sort, found, part);
  }

  /** Packages that lie inside the one at `path`: whether the ref holds them or a revision of them is published. */
  async inside(repositoryId: string, path: string): Promise<{ id: string; path: string; there: boolean }[]> {
    // `0` is what follows `/`.
    const below =
      path === '' ? Prisma.sql`p.path <> ''` : Prisma.sql`p.path ~>=~ ${`${path}/`} AND p.path ~<~ ${`${path}0`}`;
    return this.database.readByKey(Prisma.sql`
      SELECT p.id, p.path, p.head_tree IS NOT NULL OR EXISTS (
        SELECT 1 FROM package_revision r WHERE r.package_id = p.id AND r.lifecycle IN ('published', 'deletionProposed')
      ) AS there
      FROM package p WHERE p.repository_id = ${repositoryId}::uuid AND ${below} ORDER BY p.path`);
  }

  async hasRevisions(id: string): Promise<boolean> {
    return (await this.database.client.packageRevision.count({ where: { packageId: id }, take: 1 })) > 0;
  }
}
