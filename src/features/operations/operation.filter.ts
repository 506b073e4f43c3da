import { conditionsOf, type FilterOf, type Filters } from '../../database/filters.js';
import { type Operation, Prisma } from '../../database/generated/client.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';
import type { OperationKind, OperationState } from '../../domain/operation.js';

/** Conditions on a row `o` of operation, each as one of its indexes can serve it. */
const FILTERS = {
  repositoryId: (id: string) => Prisma.sql`o.repository_id = ${id}::uuid`,
  repository: (name: string) => Prisma.sql`o.repository_id = (SELECT id FROM repository WHERE name = ${name})`,
  revisionId: (id: string) => Prisma.sql`o.revision_id = ${id}::uuid`,
  kind: (kinds: OperationKind[]) => Prisma.sql`o.kind = ANY(${kinds}::"OperationKind"[])`,
  state: (states: OperationState[]) => Prisma.sql`o.state = ANY(${states}::"OperationState"[])`,
} satisfies Filters<Prisma.Sql>;

/** Ids are in the order of time. */
export const OPERATION_SORTS: Sorts<SortKey<Operation>> = {
  createdAt: [{ key: 'id', column: Prisma.sql`o.id`, type: 'id', order: 'ascending' }],
};

export type OperationFilter = FilterOf<typeof FILTERS>;

export const operationConditions = (filter: OperationFilter): Prisma.Sql[] => conditionsOf(FILTERS, filter);
