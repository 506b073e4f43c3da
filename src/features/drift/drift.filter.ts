import { conditionsOf, type FilterOf, type Filters } from '../../database/filters.js';
import { type Drift, Prisma } from '../../database/generated/client.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';
import type { DriftKind, DriftState } from '../../domain/drift.js';

/** Conditions on a row `d` of drift. */
const FILTERS = {
  repository: (name: string) => Prisma.sql`d.repository_id = (SELECT id FROM repository WHERE name = ${name})`,
  repositoryId: (id: string) => Prisma.sql`d.repository_id = ${id}::uuid`,
  path: (path: string) => Prisma.sql`d.path = ${path}`,
  packageRevisionId: (id: string) => Prisma.sql`d.revision_id = ${id}::uuid`,
  kind: (kinds: DriftKind[]) => Prisma.sql`d.kind = ANY(${kinds}::"DriftKind"[])`,
  state: (states: DriftState[]) => Prisma.sql`d.state = ANY(${states}::"DriftState"[])`,
} satisfies Filters<Prisma.Sql>;

/** Ids are in the order of time. */
export const DRIFT_SORTS: Sorts<SortKey<Drift>> = {
  foundAt: [{ key: 'id', column: Prisma.sql`d.id`, type: 'id', order: 'ascending' }],
};

export type DriftFilter = FilterOf<typeof FILTERS>;

/** Without a state, what is not resolved: the condition of its index. */
export const driftConditions = (filter: DriftFilter): Prisma.Sql[] => [
  ...conditionsOf(FILTERS, filter),
  ...(filter.state?.includes('resolved') ? [] : [Prisma.sql`d.state <> 'resolved'`]),
];
