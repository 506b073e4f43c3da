import { conditionsOf, type FilterOf, type Filters } from '../../database/filters.js';
import { Prisma, type SearchView } from '../../database/generated/client.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';

/** Conditions on a row `v` of search_view. */
const FILTERS = {
  owner: (owner: string) => Prisma.sql`v.owner = ${owner}`,
  shared: (shared: boolean) => Prisma.sql`v.shared = ${shared}`,
  name: (name: string) => Prisma.sql`v.name = ${name}`,
} satisfies Filters<Prisma.Sql>;

const ID = { key: 'id', column: Prisma.sql`v.id`, type: 'id', order: 'ascending' } as const;

/** Ids are in the order of time. */
export const VIEW_SORTS: Sorts<SortKey<SearchView>> = {
  name: [{ key: 'name', column: Prisma.sql`v.name`, type: 'text', order: 'ascending' }, ID],
  createdAt: [ID],
};

export type ViewFilter = FilterOf<typeof FILTERS>;

export const viewConditions = (filter: ViewFilter): Prisma.Sql[] => conditionsOf(FILTERS, filter);
