import { Injectable } from '@nestjs/common';
import { ENTRY_COLUMNS } from '../../audit/chain.store.js';
import { Database } from '../../database/database.js';
import { type AuditEntry, Prisma } from '../../database/generated/client.js';
import { firstUuidAt } from '../../domain/uuid.js';

export interface AuditFilter {
  actor?: string | undefined;
  action?: string[] | undefined;
  outcome?: 'succeeded' | 'denied' | undefined;
  resourceType?: string | undefined;
  resourceId?: string | undefined;
  repositoryId?: string | undefined;
  path?: string | undefined;
  requestId?: string | undefined;
  /** From this moment on. */
  since?: Date | undefined;
  /** Before this moment. */
  until?: Date | undefined;
}

/** Reads the audit log; nothing else is possible with it. */
@Injectable()
export class AuditEntryStore {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<AuditEntry | null> {
    const rows = await this.database.readByKey<AuditEntry>(Prisma.sql`
      SELECT ${ENTRY_COLUMNS} FROM audit_entry e WHERE e.id = ${id}::uuid`);
    return rows[0] ?? null;
  }

  /** A page, newest first, beginning behind the id `after`. */
  async list(filter: AuditFilter, after: string | undefined, limit: number): Promise<AuditEntry[]> {
    const conditions = conditionsOf(filter);
    if (after !== undefined) conditions.push(Prisma.sql`e.id < ${after}::uuid`);
    const where = conditions.length > 0 ? Prisma.sql`WHERE ${Prisma.join(conditions, ' AND ')}` : Prisma.empty;
    return this.database.read<AuditEntry>(Prisma.sql`
      SELECT ${ENTRY_COLUMNS} FROM audit_entry e ${where} ORDER BY e.id DESC LIMIT ${limit}`);
  }
}

function conditionsOf(filter: AuditFilter): Prisma.Sql[] {
  const { actor, action, outcome, resourceType, resourceId, repositoryId, path, requestId, since, until } = filter;
  const conditions: Prisma.Sql[] = [];
  if (actor !== undefined) conditions.push(Prisma.sql`e.actor = ${actor}`);
  if (action !== undefined) conditions.push(Prisma.sql`e.action = ANY(${action}::text[])`);
  // Written out, so that the index of what is not the rule may serve.
  if (outcome === 'denied') conditions.push(Prisma.sql`e.outcome <> 'succeeded' AND e.outcome = 'denied'`);
  if (outcome === 'succeeded') conditions.push(Prisma.sql`e.outcome = 'succeeded'`);
  if (resourceType !== undefined) conditions.push(Prisma.sql`e.resource_type = ${resourceType}`);
  if (resourceId !== undefined) conditions.push(Prisma.sql`e.resource_id = ${resourceId}`);
  if (repositoryId !== undefined) conditions.push(Prisma.sql`e.repository_id = ${repositoryId}::uuid`);
  if (path !== undefined) conditions.push(Prisma.sql`e.path = ${path}`);
  if (requestId !== undefined) conditions.push(Prisma.sql`e.request_id = ${requestId}`);
  // An entry's time is that in its id.
  if (since !== undefined) conditions.push(Prisma.sql`e.id >= ${firstUuidAt(since)}::uuid`);
  if (until !== undefined) conditions.push(Prisma.sql`e.id < ${firstUuidAt(until)}::uuid`);
  return conditions;
}
