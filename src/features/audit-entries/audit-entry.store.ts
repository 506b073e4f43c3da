import { Injectable } from '@nestjs/common';
import { ENTRY_COLUMNS } from '../../audit/chain.store.js';
import { Database } from '../../database/database.js';
import { type AuditEntry, Prisma } from '../../database/generated/client.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import { AUDIT_SORTS, type AuditFilter, auditConditions } from './audit-entry.filter.js';

/** Reads the audit log; nothing else is possible with it. */
@Injectable()
export class AuditEntryStore {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<AuditEntry | null> {
    const rows = await this.database.readByKey<AuditEntry>(Prisma.sql`
      SELECT ${ENTRY_COLUMNS} FROM audit_entry e WHERE e.id = ${id}::uuid`);
    return rows[0] ?? null;
  }

  /** Newest first unless asked for otherwise. */
  async list(filter: AuditFilter, part: Part): Promise<Rows<AuditEntry>> {
    const sort = sortOf(AUDIT_SORTS, part.sort ?? '-time');
    const found = await this.database.read<AuditEntry>(Prisma.sql`
      SELECT ${ENTRY_COLUMNS} FROM audit_entry e ${partSql(sort, auditConditions(filter), part)}`);
    return rowsOf(sort, found, part);
  }
}
