import { Prisma } from '../database/generated/client.js';

/**
 * What was published at a moment: rows of package_revision that were by then, and rows of deleted_revision that were and are
 * gone since. Of all that had the number of a revision one after the other, the one of that moment counts.
 */

const nextSql = (alias: string, at: Date): Prisma.Sql => {
  const r = Prisma.raw(alias);
  return Prisma.sql`FROM deleted_revision x WHERE x.repository_id = ${r}.repository_id AND x.path = ${r}.path
    AND x.revision = ${r}.revision AND x.deleted_at > ${at}`;
};

/** Of a row `alias` of package_revision. Written so that tombstones are looked up row by row, and counted as usual. */
export const publishedBySql = (alias: string, at: Date): Prisma.Sql =>
  Prisma.sql`${Prisma.raw(alias)}.published_at <= ${at} AND NOT COALESCE((SELECT TRUE ${nextSql(alias, at)} LIMIT 1), FALSE)`;

/** Of a row `alias` of deleted_revision: it was the first to go of those with its number. */
export const deletedSinceSql = (alias: string, at: Date): Prisma.Sql => {
  const d = Prisma.raw(alias);
  return Prisma.sql`${d}.published_at <= ${at} AND ${d}.deleted_at > ${at}
    AND ${d}.deleted_at = (SELECT min(x.deleted_at) ${nextSql(alias, at)})`;
};

/** The id of the highest version that a package had then: of none, no row. */
export function latestBySql(repositoryId: Prisma.Sql, path: Prisma.Sql, at: Date): Prisma.Sql {
  return Prisma.sql`
    SELECT v.id FROM (
      SELECT o.id, o.version_key, o.revision FROM package_revision o
      WHERE o.repository_id = ${repositoryId} AND o.path = ${path} AND ${publishedBySql('o', at)}
      UNION ALL
      SELECT d.revision_id, d.version_key, d.revision FROM deleted_revision d
      WHERE d.repository_id = ${repositoryId} AND d.path = ${path} AND ${deletedSinceSql('d', at)}
    ) v
    WHERE v.version_key IS NOT NULL ORDER BY ${rankSql('v')} DESC LIMIT 1`;
}

/** As `Packages.refresh` ranks them: a pre-release below every release. */
export function rankSql(alias: string): Prisma.Sql {
  const r = Prisma.raw(alias);
  return Prisma.sql`(right(${r}.version_key, 1) = '~', ${r}.version_key COLLATE "C", ${r}.revision)`;
}
