import { conditionsOf, type FilterOf, type Filters } from '../../database/filters.js';
import { Prisma } from '../../database/generated/client.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';

/** Conditions on a row `w` of webhook. */
const FILTERS = {
  repositoryId: (id: string) => Prisma.sql`w.repository_id = ${id}::uuid`,
  enabled: (enabled: boolean) => Prisma.sql`w.enabled = ${enabled}`,
} satisfies Filters<Prisma.Sql>;

const ID = { key: 'id', column: Prisma.sql`w.id`, type: 'id', order: 'ascending' } as const;

/** Ids are in the order of time. */
export const WEBHOOK_SORTS: Sorts<SortKey<{ id: string; name: string }>> = {
  name: [{ key: 'name', column: Prisma.sql`w.name`, type: 'text', order: 'ascending' }, ID],
  createdAt: [ID],
};

export type WebhookFilter = FilterOf<typeof FILTERS>;

export const webhookConditions = (filter: WebhookFilter): Prisma.Sql[] => conditionsOf(FILTERS, filter);
