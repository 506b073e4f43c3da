import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { Prisma } from '../../database/generated/client.js';
import type { SortKey } from '../../database/list.sql.js';

/** By what packages are put together: the value of a label is that of their target. */
export type FleetGrouping = { by: 'target' } | { by: 'repository' } | { by: 'upstream' } | { by: 'label'; key: string };

/** How many revisions of upstreams a group names at most. */
const MOST_REVISIONS = 100;

/** Stands for no id where groups are ordered. */
export const NO_ID = '00000000-0000-0000-0000-000000000000';

const seenSql = (visible: Visibility, alias: string): Prisma.Sql => visibleSql(visible, alias) ?? Prisma.sql`TRUE`;

/** A row `p` of package that is part of the fleet. */
export const inFleet = (visible: Visibility): Prisma.Sql =>
  Prisma.sql`p.target IS NOT NULL AND ${seenSql(visible, 'p')}`;

export const OPEN = Prisma.sql`r.lifecycle IN ('draft', 'proposed')`;

/** Packages of which a folder was made from something of which a newer version is published. */
const behindInFolders = (among: Among): Prisma.Sql => Prisma.sql`
  SELECT DISTINCT r.package_id FROM upstream x JOIN subpackage s ON s.upstream_id = x.id
    JOIN package_revision r ON r.tree = s.tree_oid AND r.latest
  WHERE x.state = 'behind' AND ${among(Prisma.sql`r.package_id`)}`;

/** Packages that a delivery tool could not bring out, or that do not fare well; an index holds just these. */
const unhealthy = (among: Among): Prisma.Sql => Prisma.sql`
  SELECT d.package_id FROM package_delivery d
  WHERE (d.state = 'failed' OR d.health = 'degraded') AND ${among(Prisma.sql`d.package_id`)}`;

/** The name of a package's group and the id of what it stands for; both are null for what is in no such group. */
function groupSql(grouping: FleetGrouping, visible: Visibility): { key: Prisma.Sql; id: Prisma.Sql; from: Prisma.Sql } {
  const target = Prisma.sql`LEFT JOIN target t ON t.name = p.target`;
  switch (grouping.by) {
    case 'target':
      return { key: Prisma.sql`p.target`, id: Prisma.sql`t.id`, from: target };
    case 'label':
      return { key: Prisma.sql`t.labels ->> ${grouping.key}`, id: Prisma.sql`NULL::uuid`, from: target };
    case 'repository':
      return {
        key: Prisma.sql`s.name`,
        id: Prisma.sql`s.id`,
        from: Prisma.sql`JOIN repository s ON s.id = p.repository_id`,
      };
    case 'upstream':
      return {
        key: Prisma.sql`s.name || '/' || u.path`,
        id: Prisma.sql`CASE WHEN s.id IS NOT NULL THEN u.package_id END`,
        from: Prisma.sql`LEFT JOIN upstream u ON u.id = p.upstream_id AND u.package_id IS NOT NULL AND ${seenSql(visible, 'u')}
          LEFT JOIN repository s ON s.id = u.repository_id`,
      };
  }
}

/** Whether the package of this id is among those that are counted. */
type Among = (packageId: Prisma.Sql) => Prisma.Sql;

interface Counted {
  /** What comes before the other parts of the statement. */
  first: Prisma.Sql;
  among: Among;
}

/**
 * Groups by target are as many as there are targets: those of the page are known before anything is counted, and of their
 * packages alone drafts, folders and health are read. They are an array, of which the planner knows that it is short: it
 * would join what it takes for many with all drafts that there are.
 */
function pagedTargets(visible: Visibility, page: Prisma.Sql): Counted {
  const first = Prisma.sql`names AS MATERIALIZED (
      SELECT g.key FROM (
        SELECT 0 AS none, d.target AS key, COALESCE(t.id, ${NO_ID}::uuid) AS id
        FROM (SELECT p.target FROM package p WHERE ${inFleet(visible)} GROUP BY p.target) d LEFT JOIN target t ON t.name = d.target
      ) g ${page}
    ), shown AS MATERIALIZED (
      SELECT p.id FROM package p WHERE ${inFleet(visible)} AND p.target IN (SELECT n.key FROM names n)
    ),`;
  return { first, among: (packageId) => Prisma.sql`${packageId} = ANY(ARRAY(SELECT w.id FROM shown w))` };
}

const ALL: Counted = { first: Prisma.empty, among: () => Prisma.sql`TRUE` };

/**
 * `page`: the groups of a part of the list with what is counted in each, and `named`: how many packages of each were made from
 * which revision, as far as that may be seen. What a package was made from is what its latest publication was: they are counted by
 * that first, since there are few such rows beside packages; and what tells of each is written once, as the beginning of a text of
 * JSON.
 */
export function groupsSql(grouping: FleetGrouping, visible: Visibility, page: Prisma.Sql): Prisma.Sql {
  const { key, id, from } = groupSql(grouping, visible);
  const { first, among } = grouping.by === 'target' ? pagedTargets(visible, page) : ALL;
  return Prisma.sql`
    WITH ${first} draft AS (
      SELECT r.package_id, count(*)::int AS count FROM package_revision r WHERE ${OPEN} AND ${among(Prisma.sql`r.package_id`)}
      GROUP BY r.package_id
    ), fleet AS MATERIALIZED (
      SELECT k.none, k.key, k.id, p.upstream_id, count(*)::int AS packages, count(l.package_id)::int AS published,
        count(b.package_id)::int AS "behindInFolders", count(*) FILTER (WHERE p.drift_state = 'open')::int AS drifted,
        COALESCE(sum(d.count), 0)::int AS drafts, count(e.package_id)::int AS unhealthy
      FROM package p ${from} CROSS JOIN LATERAL (
          SELECT (${key} IS NULL)::int AS none, COALESCE(${key}, '') AS key, COALESCE(${id}, ${NO_ID}::uuid) AS id
        ) k
        LEFT JOIN package_revision l ON l.package_id = p.id AND l.latest LEFT JOIN draft d ON d.package_id = p.id
        LEFT JOIN (${behindInFolders(among)}) b ON b.package_id = p.id LEFT JOIN (${unhealthy(among)}) e ON e.package_id = p.id
      WHERE ${inFleet(visible)} AND ${among(Prisma.sql`p.id`)}
      GROUP BY k.none, k.key, k.id, p.upstream_id
    ), page AS MATERIALIZED (
      SELECT q.*, row_number() OVER () AS number FROM (SELECT g.* FROM (
        SELECT f.none, f.key, f.id, sum(f.packages)::int AS packages, sum(f.published)::int AS published,
          sum(CASE WHEN x.state = 'behind' THEN f.packages ELSE f."behindInFolders" END)::int AS behind,
          sum(f.drifted)::int AS drifted, sum(f.drafts)::int AS "openDrafts", sum(f.unhealthy)::int AS unhealthy,
          array_agg(f.upstream_id) AS pins, array_agg(f.packages) AS counts
        FROM fleet f LEFT JOIN upstream x ON x.id = f.upstream_id GROUP BY f.none, f.key, f.id
      ) g ${page}) q
    ), pin AS MATERIALIZED (
      SELECT x.id, dense_rank() OVER (ORDER BY s.name, x.path, x.revision, x.package_id, x.revision_id) AS use,
        left(json_build_object('packageId', x.package_id, 'repository', s.name, 'path', x.path, 'revisionId', x.revision_id,
          'revision', x.revision)::text, -1) AS text
      FROM (SELECT DISTINCT unnest(g.pins) AS id FROM page g) w JOIN upstream x ON x.id = w.id
        JOIN repository s ON s.id = x.repository_id
      WHERE x.revision_id IS NOT NULL AND x.package_id IS NOT NULL AND ${seenSql(visible, 'x')}
    ), named AS (
      SELECT c.number, array_to_string((
          array_agg(c.text || ',"packages":' || c.count || '}' ORDER BY c.count DESC, c.use)
        )[1:${MOST_REVISIONS}::int], ',') AS revisions
      FROM (
        SELECT g.number, x.use, min(x.text COLLATE "C") AS text, sum(u.packages) AS count
        FROM page g CROSS JOIN LATERAL unnest(g.pins, g.counts) AS u(id, packages) JOIN pin x ON x.id = u.id
        GROUP BY g.number, x.use
      ) c
      GROUP BY c.number
    )
    SELECT g.none, g.key, g.id, g.packages, g.published, g.behind, g.drifted, g.unhealthy, g."openDrafts",
      '[' || COALESCE(n.revisions, '') || ']' AS "upstreamRevisions"
    FROM page g LEFT JOIN named n ON n.number = g.number
    ORDER BY g.none, g.key, g.id`;
}

/** The order of groups: by name, and last what is in none. */
export const GROUP_SORT = [
  { key: 'none', column: Prisma.sql`g.none`, type: 'number', order: 'ascending' },
  { key: 'key', column: Prisma.sql`g.key`, type: 'text', order: 'ascending' },
  { key: 'id', column: Prisma.sql`g.id`, type: 'id', order: 'ascending' },
] as const satisfies readonly SortKey<{ none: number; key: string; id: string }>[];
