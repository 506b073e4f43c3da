import { conditionsOf, type FilterOf, type Filters } from '../../database/filters.js';
import { Prisma } from '../../database/generated/client.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';
import type { OperationItemState } from '../../domain/operation.js';
import type { OperationItemRow } from './operation-item-row.js';

/** Of an item `i` of the operation `o`, which the operation `c` carries out where it touches the remote. */
export const ITEM_STATE = Prisma.sql`CASE
  WHEN i.state = 'waiting' AND o.state NOT IN ('queued', 'running') THEN 'cancelled'
  WHEN i.state = 'started' AND c.state NOT IN ('queued', 'running') THEN c.state::text
  ELSE i.state::text END`;

const FILTERS = {
  status: (states: OperationItemState[]) => Prisma.sql`${ITEM_STATE} = ANY(${states}::text[])`,
} satisfies Filters<Prisma.Sql>;

export const OPERATION_ITEM_SORTS: Sorts<SortKey<OperationItemRow>> = {
  position: [{ key: 'position', column: Prisma.sql`i.position`, type: 'number', order: 'ascending' }],
};

export type OperationItemFilter = FilterOf<typeof FILTERS>;

export const operationItemConditions = (filter: OperationItemFilter): Prisma.Sql[] => conditionsOf(FILTERS, filter);
