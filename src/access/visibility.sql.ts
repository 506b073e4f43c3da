import { Prisma } from '../database/generated/client.js';
import type { Visibility } from './grants.js';

/** The condition that a row may be seen, served by an index on (repository_id, path text_pattern_ops). Null: all may. */
export function visibleSql(visibility: Visibility, alias: string): Prisma.Sql | null {
  if (visibility === 'all') return null;
  const repositoryId = Prisma.raw(`${alias}.repository_id`);
  const path = Prisma.raw(`${alias}.path`);
  const { repositoryIds, paths } = visibility;
  const parts = paths.map(
    ({ repositoryId: id, pattern }) => Prisma.sql`(${repositoryId} = ${id}::uuid
      AND ${path} LIKE ${likePrefix(pattern.prefix)} AND ${path} ~ ${pattern.source})`,
  );
  if (repositoryIds.length > 0) parts.push(Prisma.sql`${repositoryId} = ANY(${[...repositoryIds]}::uuid[])`);
  return parts.length === 0 ? Prisma.sql`FALSE` : Prisma.sql`(${Prisma.join(parts, ' OR ')})`;
}

const likePrefix = (prefix: string): string => `${prefix.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
