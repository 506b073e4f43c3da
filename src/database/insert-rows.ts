import { toColumns } from './columns.js';
import type { Database } from './database.js';
import { Prisma } from './generated/client.js';

/** Tables that a sync, or the end of many operations, fills with thousands of rows at once, or that every change adds to. */
export type BulkTable =
  | 'package'
  | 'package_revision'
  | 'audit_entry'
  | 'approval'
  | 'operation'
  | 'operation_item'
  | 'ref_commit'
  | 'package_commit'
  | 'subpackage'
  | 'upgrade_preview'
  | 'variant'
  | 'campaign_wave'
  | 'campaign_item'
  | 'campaign_approval';

/**
 * Inserts rows and leaves those alone that are there already; returns how many were new. The rows travel as one JSON
 * parameter, which takes a tenth of the time of `createMany`. Every column is a key, in camel case, the defaults too:
 * a column that is missing is null. Dates go in as they are.
 */
export async function insertRows(
  database: Database,
  table: BulkTable,
  rows: readonly Record<string, unknown>[],
): Promise<number> {
  if (rows.length === 0) return 0;
  const name = Prisma.raw(table);
  return database.write(Prisma.sql`
    INSERT INTO ${name} SELECT * FROM json_populate_recordset(NULL::${name}, ${JSON.stringify(rows.map(toColumns))}::json)
    ON CONFLICT DO NOTHING`);
}
