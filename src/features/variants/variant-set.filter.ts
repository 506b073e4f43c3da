import { conditionsOf, type FilterOf, type Filters } from '../../database/filters.js';
import { Prisma, type VariantSet } from '../../database/generated/client.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';

/** Conditions on a row `s` of variant_set. There are few sets. */
const FILTERS = {
  name: (name: string) => Prisma.sql`s.name = ${name}`,
  repositoryId: (id: string) => Prisma.sql`s.repository_id = ${id}::uuid`,
} satisfies Filters<Prisma.Sql>;

/** Ids are in the order of time. */
export const VARIANT_SET_SORTS: Sorts<SortKey<Pick<VariantSet, 'id' | 'name'>>> = {
  name: [{ key: 'name', column: Prisma.sql`s.name`, type: 'text', order: 'ascending' }],
  createdAt: [{ key: 'id', column: Prisma.sql`s.id`, type: 'id', order: 'ascending' }],
};

export type VariantSetFilter = FilterOf<typeof FILTERS>;

export const variantSetConditions = (filter: VariantSetFilter): Prisma.Sql[] => conditionsOf(FILTERS, filter);
