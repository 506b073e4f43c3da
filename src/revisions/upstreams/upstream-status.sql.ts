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

/** That a row with this column is in one of the states, as an index on it serves: there are few rows of `upstream`. */
export function upstreamStateIn(column: Prisma.Sql, states: readonly UpstreamState[]): Prisma.Sql {
  const stored = states.filter((state) => state !== 'none');
  const none = Prisma.sql`${column} IS NULL`;
  if (stored.length === 0) return none;
  const some = Prisma.sql`${column} IN (SELECT x.id FROM upstream x WHERE x.state = ANY(${stored}::"UpstreamState"[]))`;
  return stored.length === states.length ? some : Prisma.sql`(${none} OR ${some})`;
}

/** That a row with this column was made from a package, whichever version of it. */
export const madeFromPackage = (column: Prisma.Sql, packageId: string): Prisma.Sql =>
  Prisma.sql`${column} IN (SELECT x.id FROM upstream x WHERE x.package_id = ${packageId}::uuid)`;
