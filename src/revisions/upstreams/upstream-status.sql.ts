import { Prisma } from '../../database/generated/client.js';
import type { UpstreamState } from '../../domain/upstream-status.js';

/** As `StoredUpstreamStatus`, of the row of `upstream` with this id; null where it is null, or not settled yet. */
export const upstreamStatusSql = (id: Prisma.Sql): Prisma.Sql => Prisma.sql`
  CASE WHEN ${id} IS NOT NULL THEN (
    SELECT json_build_object('state', x.state, 'behind', x.behind, 'repositoryId', x.repository_id, 'path', x.path,
      'current', CASE WHEN x.revision_id IS NOT NULL THEN json_build_object('revisionId', x.revision_id, 'revision', x.revision) END,
      'newest', CASE WHEN x.newest_id IS NOT NULL THEN json_build_object('revisionId', x.newest_id, 'revision', x.newest_revision) END)
    FROM upstream x WHERE x.id = ${id}
  ) END`;

/** Two conditions on a row: one on what it was made from itself, one on what its folders were. A list reads them apart, each by its own index. */
export type Parts = readonly [itself: Prisma.Sql, ...folders: Prisma.Sql[]];

export const anyOf = (parts: Parts): Prisma.Sql => Prisma.sql`(${Prisma.join([...parts], ' OR ')})`;

/** That one of the states is that of a row with this column `own`; `folders` says that its tree is one of these, in as many ways as the indexes need. */
export function inUpstreamStates(
  states: readonly UpstreamState[],
  own: Prisma.Sql,
  folders: (trees: Prisma.Sql) => Prisma.Sql[],
): Parts {
  const stored = states.filter((state) => state !== 'none');
  const none = Prisma.sql`${own} IS NULL`;
  if (stored.length === 0) return [none];
  const isIn = Prisma.sql`x.state = ANY(${stored}::"UpstreamState"[])`;
  const some = Prisma.sql`${own} IN (SELECT x.id FROM upstream x WHERE ${isIn})`;
  const itself = stored.length === states.length ? some : Prisma.sql`(${none} OR ${some})`;
  const trees = Prisma.sql`SELECT s.tree_oid FROM upstream x JOIN subpackage s ON s.upstream_id = x.id WHERE ${isIn}`;
  return [itself, ...folders(trees)];
}

/** Trees with a subpackage that was made from a row `x` of `upstream` of which this holds. */
const treesWith = (condition: Prisma.Sql): Prisma.Sql => Prisma.sql`ARRAY(
  SELECT s.tree_oid FROM upstream x JOIN subpackage s ON s.upstream_id = x.id WHERE ${condition})`;

/** That a revision `r`, or a subpackage of it, was made from a package, whichever version of it. */
export const isMadeFromPackage = (packageId: string): Prisma.Sql => Prisma.sql`(
  r.upstream_id = ANY(ARRAY(SELECT x.id FROM upstream x WHERE x.package_id = ${packageId}::uuid))
  OR r.tree = ANY(${treesWith(Prisma.sql`x.package_id = ${packageId}::uuid`)}))`;

/** That a revision `r`, or a subpackage of it, was made from the one with this id, which may be a query in brackets. */
export const isMadeFromRevision = (id: Prisma.Sql): Parts => [
  Prisma.sql`r.upstream_revision_id = ${id}`,
  Prisma.sql`r.tree = ANY(${treesWith(Prisma.sql`x.revision_id = ${id}
    AND x.package_id = (SELECT v.package_id FROM package_revision v WHERE v.id = ${id})`)})`,
];

/** The folders, as `path`, of a revision that were made from a package, outer ones before inner ones; null: the revision itself. */
export const partsMadeFrom = (id: string, packageId: string): Prisma.Sql => Prisma.sql`
  SELECT p.path FROM package_revision r CROSS JOIN LATERAL (
    SELECT NULL AS path, r.upstream_id
    UNION ALL SELECT s.path, s.upstream_id FROM subpackage s WHERE s.tree_oid = r.tree
  ) p JOIN upstream x ON x.id = p.upstream_id
  WHERE r.id = ${id}::uuid AND x.package_id = ${packageId}::uuid ORDER BY p.path COLLATE "C" NULLS FIRST`;

/** How many folders of a tree were made from something of which a newer version is published. */
export const foldersBehindSql = (tree: Prisma.Sql): Prisma.Sql => Prisma.sql`(
  SELECT count(*)::int FROM subpackage f JOIN upstream x ON x.id = f.upstream_id
  WHERE f.tree_oid = ${tree} AND x.state = 'behind')`;

/** As `SubpackageRow[]`, of the tree of a revision `r`. */
export const SUBPACKAGES = Prisma.sql`COALESCE((
  SELECT json_agg(json_build_object('path', s.path, 'url', s.url, 'directory', s.directory, 'ref', s.ref, 'commit', s.commit,
    'status', ${upstreamStatusSql(Prisma.sql`s.upstream_id`)}) ORDER BY s.path COLLATE "C")
  FROM subpackage s WHERE s.tree_oid = r.tree), '[]')`;
