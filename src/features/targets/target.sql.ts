import type { Caller } from '../../access/caller.js';
import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { Prisma } from '../../database/generated/client.js';

/** What of targets someone may see follows from these. */
export interface TargetSight {
  packages: Visibility;
  repositories: Visibility;
}

export const targetSight = (caller: Caller): TargetSight => ({
  packages: caller.visibility('packages.read'),
  repositories: caller.visibility('repositories.read'),
});

/** The condition on rows `p` of package; TRUE: all may be seen. */
export const packageSeenSql = (visible: Visibility): Prisma.Sql => visibleSql(visible, 'p') ?? Prisma.sql`TRUE`;

/** The condition on the id of a repository. */
export const repositorySeenSql = (visible: Visibility, id: Prisma.Sql): Prisma.Sql =>
  visible === 'all' ? Prisma.sql`TRUE` : Prisma.sql`${id} = ANY(${[...visible.repositoryIds]}::uuid[])`;

/** The condition on a row `t` of target: there is a package of it, or a repository that it names, to be seen. */
export function targetSeenSql({ packages, repositories }: TargetSight): Prisma.Sql {
  if (packages === 'all') return Prisma.sql`TRUE`;
  const named =
    repositories === 'all'
      ? Prisma.sql`t.repository_ids <> '{}'`
      : Prisma.sql`t.repository_ids && ${[...repositories.repositoryIds]}::uuid[]`;
  return Prisma.sql`(${named} OR EXISTS (
    SELECT 1 FROM package p WHERE p.target = t.name AND ${packageSeenSql(packages)}))`;
}
