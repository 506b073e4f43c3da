import { conditionsOf, type FilterOf, type Filters } from '../../database/filters.js';
import { Prisma, type Variant } from '../../database/generated/client.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';
import type { VariantState } from '../../domain/variant.js';

/** Conditions on a row `v` of variant. */
const FILTERS = {
  name: (name: string) => Prisma.sql`v.name = ${name}`,
  variantSetId: (id: string) => Prisma.sql`v.set_id = ${id}::uuid`,
  upstreamPackageId: (id: string) => Prisma.sql`v.upstream_package_id = ${id}::uuid`,
  repositoryId: (id: string) => Prisma.sql`v.repository_id = ${id}::uuid`,
  target: (target: string) => Prisma.sql`v.target = ${target}`,
  path: (path: string) => Prisma.sql`v.path = ${path}`,
  state: (states: VariantState[]) => Prisma.sql`v.state = ANY(${states}::"VariantState"[])`,
} satisfies Filters<Prisma.Sql>;

/** Ids are in the order of time. */
export const VARIANT_SORTS: Sorts<SortKey<Pick<Variant, 'id' | 'name'>>> = {
  name: [{ key: 'name', column: Prisma.sql`v.name`, type: 'text', order: 'ascending' }],
  createdAt: [{ key: 'id', column: Prisma.sql`v.id`, type: 'id', order: 'ascending' }],
};

export type VariantFilter = FilterOf<typeof FILTERS>;

export const variantConditions = (filter: VariantFilter): Prisma.Sql[] => conditionsOf(FILTERS, filter);
