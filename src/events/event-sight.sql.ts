import { visibleSql } from '../access/visibility.sql.js';
import { Prisma } from '../database/generated/client.js';
import { EVENT_NOUNS, EVENT_TYPE_NAMES, nounOf } from './event-types.js';
import type { EventSight } from './event-sight.js';

/** The condition that an event `e` may be seen; null: all may. */
export function seenSql(sight: EventSight): Prisma.Sql | null {
  if (EVENT_NOUNS.every((noun) => sight[noun] === 'all')) return null;
  const parts = EVENT_NOUNS.map((noun) => {
    const types = EVENT_TYPE_NAMES.filter((type) => nounOf(type) === noun);
    const visible = visibleSql(sight[noun], 'e') ?? Prisma.sql`TRUE`;
    return Prisma.sql`(e.type = ANY(${types}::text[]) AND ${visible})`;
  });
  const seen = Prisma.sql`(${Prisma.join(parts, ' OR ')})`;
  const repositoryIds = repositoriesOf(sight);
  // Says no more than the rest does, but so that an index of repositories serves.
  return repositoryIds === null ? seen : Prisma.sql`(e.repository_id = ANY(${repositoryIds}::uuid[]) AND ${seen})`;
}

/** Those in which anything may be seen; null: all. */
function repositoriesOf(sight: EventSight): string[] | null {
  const ids = new Set<string>();
  for (const visibility of Object.values(sight)) {
    if (visibility === 'all') return null;
    for (const id of visibility.repositoryIds) ids.add(id);
    for (const { repositoryId } of visibility.paths) ids.add(repositoryId);
  }
  return [...ids];
}
