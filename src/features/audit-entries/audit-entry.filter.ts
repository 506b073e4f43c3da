import { type FilterOf, type Filters, conditionsOf } from '../../database/filters.js';
import { type AuditEntry, Prisma } from '../../database/generated/client.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';
import { firstUuidAt } from '../../domain/uuid.js';

/** Conditions on a row `e` of audit_entry, each as one of its indexes can serve it. */
const FILTERS = {
  actor: (actor: string) => Prisma.sql`e.actor = ${actor}`,
  action: (actions: string[]) => Prisma.sql`e.action = ANY(${actions}::text[])`,
  outcome: (outcome: 'succeeded' | 'denied') =>
    // Written out, so that the index of what is not the rule may serve.
    outcome === 'denied'
      ? Prisma.sql`e.outcome <> 'succeeded' AND e.outcome = 'denied'`
      : Prisma.sql`e.outcome = 'succeeded'`,
  resourceType: (type: string) => Prisma.sql`e.resource_type = ${type}`,
  resourceId: (id: string) => Prisma.sql`e.resource_id = ${id}`,
  repositoryId: (id: string) => Prisma.sql`e.repository_id = ${id}::uuid`,
  path: (path: string) => Prisma.sql`e.path = ${path}`,
  requestId: (id: string) => Prisma.sql`e.request_id = ${id}`,
  /** From this moment on. An entry's time is that in its id. */
  since: (moment: Date) => Prisma.sql`e.id >= ${firstUuidAt(moment)}::uuid`,
  /** Before this moment. */
  until: (moment: Date) => Prisma.sql`e.id < ${firstUuidAt(moment)}::uuid`,
} satisfies Filters<Prisma.Sql>;

export const AUDIT_SORTS: Sorts<SortKey<AuditEntry>> = {
  time: [{ key: 'id', column: Prisma.sql`e.id`, type: 'id', order: 'ascending' }],
};

export type AuditFilter = FilterOf<typeof FILTERS>;

export const auditConditions = (filter: AuditFilter): Prisma.Sql[] => conditionsOf(FILTERS, filter);
