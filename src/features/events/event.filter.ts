import { type FilterOf, type Filters, conditionsOf } from '../../database/filters.js';
import { Prisma } from '../../database/generated/client.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';
import type { EventRow } from '../../events/event.store.js';
import type { EventType } from '../../events/event-types.js';

/** Conditions on a row `e` of event, each as one of its indexes can serve it. */
const FILTERS = {
  /** Behind this number. */
  after: (sequence: number) => Prisma.sql`e.sequence > ${sequence}::bigint`,
  type: (types: EventType[]) => Prisma.sql`e.type = ANY(${types}::text[])`,
  repositoryId: (id: string) => Prisma.sql`e.repository_id = ${id}::uuid`,
  path: (path: string) => Prisma.sql`e.path = ${path}`,
  packageRevisionId: (id: string) => Prisma.sql`e.package_revision_id = ${id}::uuid`,
  actor: (actor: string) => Prisma.sql`e.actor = ${actor}`,
} satisfies Filters<Prisma.Sql>;

export type EventFilter = FilterOf<typeof FILTERS>;

export const eventConditions = (filter: EventFilter): Prisma.Sql[] => conditionsOf(FILTERS, filter);

/** The same of an event that is at hand. */
export function matches(filter: EventFilter, event: EventRow): boolean {
  const { after, type, repositoryId, path, packageRevisionId, actor } = filter;
  const is = <Value>(wanted: Value | undefined, value: Value | null) => wanted === undefined || wanted === value;
  return (
    (after === undefined || event.sequence > after) &&
    (type === undefined || type.includes(event.type)) &&
    is(repositoryId, event.repositoryId) &&
    is(path, event.path) &&
    is(packageRevisionId, event.packageRevisionId) &&
    is(actor, event.actor)
  );
}

export const EVENT_SORTS: Sorts<SortKey<EventRow>> = {
  sequence: [{ key: 'sequence', column: Prisma.sql`e.sequence`, type: 'bigNumber', order: 'ascending' }],
};
