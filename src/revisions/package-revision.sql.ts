import { selectFields } from '../database/columns.js';
import { Prisma } from '../database/generated/client.js';
import { inAnswer, partSql } from '../database/list.sql.js';
import type { Part } from '../domain/list.js';
import { deletedSinceSql, latestBySql, publishedBySql } from './as-of.sql.js';
import { boundConditions } from './package-revision.filter.js';
import { anyOf, type Parts, upstreamStatusSql } from './upstreams/upstream-status.sql.js';
import { IN_ORDER, type Order } from './package-revision.order.js';

export const PUBLICATION = Prisma.sql`
  'revisionId', l.id, 'revision', l.revision, 'publishedAt', l.published_at, 'publishedBy', l.published_by`;

/** As `PackageNow`, of the package in row `p` of repository `s`. */
export const PACKAGE_NOW = Prisma.sql`
  json_build_object('headTree', p.head_tree, 'headChangedAt', p.head_changed_at, 'commit', s.commit, 'latest', (
    SELECT json_build_object(${PUBLICATION}, 'tree', l.tree) FROM package_revision l
    WHERE l.package_id = p.id AND l.latest LIMIT 1))`;

/** As `AuthorTie[]`: read when it is judged, since people become known and change their address. */
export const AUTHOR_TIES = Prisma.sql`
  CASE WHEN r.lifecycle IN ('draft', 'proposed') AND r.git_authors <> '{}' THEN (
    SELECT json_agg(json_build_object('author', g.author, 'users', COALESCE((
      SELECT json_agg(k."user" ORDER BY k."user") FROM known_user k
      WHERE k.email = lower(substring(g.author from '<([^<>]*)>$'))), '[]')) ORDER BY g.author)
    FROM unnest(r.git_authors) AS g(author)
  ) ELSE '[]' END AS "authorTies"`;

/** Every column, so that no other than those that a row's type has can be missing. */
export const SELECT = Prisma.sql`
  SELECT ${selectFields(Object.values(Prisma.PackageRevisionScalarFieldEnum), 'r')},
    COALESCE(t.file_count, 0) AS "fileCount", COALESCE(t.size_bytes, 0)::float8 AS "sizeBytes",
    CASE WHEN r.lifecycle IN ('draft', 'proposed') THEN (
      SELECT ${PACKAGE_NOW} FROM package p JOIN repository s ON s.id = p.repository_id WHERE p.id = r.package_id
    ) END AS "packageNow", ${AUTHOR_TIES}, ${upstreamStatusSql(Prisma.sql`r.upstream_id`)} AS "upstreamStatus"`;

export const FROM = Prisma.sql`FROM package_revision r LEFT JOIN package_tree t ON t.oid = r.tree`;

/** A list's order, and what holds of its rows `r`, in whichever branch of it they are; besides, one of its `parts`. */
interface Listed extends Order {
  conditions: readonly Prisma.Sql[];
  parts: Parts;
}

/**
 * A list in one order, of which each branch gives the ids of as many rows as the part may need. In the order of ids the rows
 * are read at once; in any other one the planner would join what belongs to them before it sorts.
 */
export function listSql(listed: Listed, part: Part): Prisma.Sql {
  const { sort, branches, conditions, parts } = listed;
  const [only, ...more] = branches;
  if (more.length === 0 && parts.length === 1 && sort === IN_ORDER)
    return Prisma.sql`${SELECT} ${FROM} ${partSql(only.sort, [...only.conditions, ...parts, ...conditions], part)}`;
  return Prisma.sql`${SELECT} ${FROM} ${partSql(sort, [amongSql(listed, [], part)], { size: part.size })}`;
}

/** What is asked of the past: the latest of then, all others, or both. */
export interface Past {
  at: Date;
  latest: boolean | undefined;
  /** Conditions on tombstones `d`. */
  gone: readonly Prisma.Sql[];
}

/** As {@link listSql}, of what was published at a moment. */
export function pastListSql({ at, latest, gone }: Past, listed: Listed, part: Part): Prisma.Sql {
  const { sort, bounds, conditions, parts } = listed;
  const first = { size: part.size };
  // Written so that the planner takes it for neither rare nor usual: it goes on by the order of the list.
  const top = latestBySql(Prisma.sql`r.repository_id`, Prisma.sql`r.path`, at);
  const isLatest = Prisma.sql`COALESCE((SELECT m.id = r.id FROM (${top}) m), FALSE)`;
  const chosen = latest === undefined ? [] : [latest ? isLatest : Prisma.sql`NOT ${isLatest}`];
  const then = (deletedAt: Prisma.Sql, deletedBy: Prisma.Sql) =>
    Prisma.sql`${SELECT}, ${deletedAt}::timestamptz AS "deletedAt", ${deletedBy}::text AS "deletedBy"`;
  const among = amongSql(listed, [...chosen, publishedBySql('r', at)], part);
  const tombstones = Prisma.sql`FROM deleted_revision d
    CROSS JOIN LATERAL jsonb_populate_record(NULL::package_revision, d."row") r
    CROSS JOIN LATERAL (SELECT d.file_count, d.size_bytes) t
    ${partSql(sort, [deletedSinceSql('d', at), ...gone, ...conditions, anyOf(parts), ...boundConditions(bounds), ...chosen], part)}`;
  return Prisma.sql`SELECT * FROM (
    (${then(Prisma.sql`NULL`, Prisma.sql`NULL`)} ${FROM} ${partSql(sort, [among], first)}) UNION ALL
    (${then(Prisma.sql`d.deleted_at`, Prisma.sql`d.deleted_by`)} ${tombstones})
  ) x ${partSql(inAnswer(sort), [], first)}`;
}

function amongSql({ branches, parts, conditions }: Listed, more: readonly Prisma.Sql[], part: Part): Prisma.Sql {
  const all = branches.flatMap(({ sort, conditions: own }) =>
    parts.map((one) => partSql(sort, [...own, one, ...conditions, ...more], part)),
  );
  const ids = all.map((rows) => Prisma.sql`ARRAY(SELECT r.id FROM package_revision r ${rows})`);
  return Prisma.sql`r.id = ANY(${Prisma.join(ids, ' || ')})`;
}
