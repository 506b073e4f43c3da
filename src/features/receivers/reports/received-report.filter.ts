import { conditionsOf, type FilterOf, type Filters } from '../../../database/filters.js';
import { Prisma, type ReceivedOutcome } from '../../../database/generated/client.js';
import type { SortKey, Sorts } from '../../../database/list.sql.js';

/** Conditions on a row `d` of received_delivery. */
const FILTERS = {
  outcome: (outcomes: ReceivedOutcome[]) => Prisma.sql`d.outcome = ANY(${outcomes}::"ReceivedOutcome"[])`,
} satisfies Filters<Prisma.Sql>;

export const RECEIVED_SORTS: Sorts<SortKey<{ receivedAt: Date; digest: string }>> = {
  receivedAt: [
    { key: 'receivedAt', column: Prisma.sql`d.received_at`, type: 'time', order: 'ascending' },
    { key: 'digest', column: Prisma.sql`d.digest`, type: 'text', order: 'ascending' },
  ],
};

export type ReceivedFilter = FilterOf<typeof FILTERS>;

export const receivedConditions = (filter: ReceivedFilter): Prisma.Sql[] => conditionsOf(FILTERS, filter);
