import { Injectable } from '@nestjs/common';
import { ENTRY_COLUMNS } from '../../audit/chain.store.js';
import { Database } from '../../database/database.js';
import { type AuditEntry, Prisma } from '../../database/generated/client.js';
import { partSql, rowsOf, type Sort } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import { type AuditFilter, auditConditions } from './audit-entry.filter.js';

/** Newest first: ids are in the order of time. */
const NEWEST_FIRST: Sort<AuditEntry> = [{ key: 'id', column: Prisma.sql`e.id`, type: 'id', order: 'descending' }];

/** Reads the audit log; nothing else is possible with it. */
@Injectable()
export class AuditEntryStore {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<AuditEntry | null> {
    const rows = await this.database.readByKey<AuditEntry>(Prisma.sql`
      SELECT ${ENTRY_COLUMNS} FROM audit_entry e WHERE e.id = ${id}::uuid`);
    return rows[0] ?? null;
  }

  async list(filter: AuditFilter, part: Part): Promise<Rows<AuditEntry>> {
    const found = await this.database.read<AuditEntry>(Prisma.sql`
      SELECT ${ENTRY_COLUMNS} FROM audit_entry e ${partSql(NEWEST_FIRST, auditConditions(filter), part)}`);
    return rowsOf(NEWEST_FIRST, found, part);
  }
}
