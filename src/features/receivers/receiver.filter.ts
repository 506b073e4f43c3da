import { conditionsOf, type FilterOf, type Filters } from '../../database/filters.js';
import { Prisma, type Receiver, type ReceiverType } from '../../database/generated/client.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';

/** Conditions on a row `v` of receiver. */
const FILTERS = {
  type: (types: ReceiverType[]) => Prisma.sql`v.type = ANY(${types}::"ReceiverType"[])`,
  repositoryId: (id: string) => Prisma.sql`EXISTS (
    SELECT 1 FROM receiver_repository x WHERE x.receiver_id = v.id AND x.repository_id = ${id}::uuid)`,
} satisfies Filters<Prisma.Sql>;

const ID = { key: 'id', column: Prisma.sql`v.id`, type: 'id', order: 'ascending' } as const;

/** Ids are in the order of time. */
export const RECEIVER_SORTS: Sorts<SortKey<Receiver>> = {
  name: [{ key: 'name', column: Prisma.sql`v.name`, type: 'text', order: 'ascending' }, ID],
  createdAt: [ID],
};

export type ReceiverFilter = FilterOf<typeof FILTERS>;

export const receiverConditions = (filter: ReceiverFilter): Prisma.Sql[] => conditionsOf(FILTERS, filter);
