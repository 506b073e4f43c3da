import { conditionsOf, type FilterOf, type Filters } from '../../database/filters.js';
import { Prisma, type WebhookDeliveryState } from '../../database/generated/client.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';

/** Conditions on a row `e` of webhook_delivery: an event for somebody. */
const FILTERS = {
  state: (states: WebhookDeliveryState[]) => Prisma.sql`e.state = ANY(${states}::"WebhookDeliveryState"[])`,
} satisfies Filters<Prisma.Sql>;

/** Of one webhook no two have the same. */
export const DELIVERY_SORTS: Sorts<SortKey<{ sequence: number }>> = {
  sequence: [{ key: 'sequence', column: Prisma.sql`e.sequence`, type: 'bigNumber', order: 'ascending' }],
};

export type DeliveryFilter = FilterOf<typeof FILTERS>;

export const deliveryConditions = (filter: DeliveryFilter): Prisma.Sql[] => conditionsOf(FILTERS, filter);
