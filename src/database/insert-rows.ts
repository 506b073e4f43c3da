import type { Client } from './database.js';
import { Prisma } from './generated/client.js';

/** Tables that a sync fills with thousands of rows at once. */
export type BulkTable = 'blob' | 'krm_object' | 'package_file' | 'package_revision' | 'package_tree';

/**
 * Inserts rows and leaves those alone that are there already; returns how many were new. The rows travel as one JSON
 * parameter, which takes a tenth of the time of `createMany`. Every column is a key, in camel case, the defaults too:
 * a column that is missing is null. Bytes go in as they are, dates too.
 */
export async function insertRows(
  client: Client,
  table: BulkTable,
  rows: readonly Record<string, unknown>[],
): Promise<number> {
  return (await insertReturning(client, table, '1', rows)).length;
}

/** As {@link insertRows}; returns the new rows' value of one text column. */
export async function insertReturning(
  client: Client,
  table: BulkTable,
  column: string,
  rows: readonly Record<string, unknown>[],
): Promise<string[]> {
  if (rows.length === 0) return [];
  const name = Prisma.raw(table);
  const inserted = await client.$queryRaw<{ value: string }[]>`
    INSERT INTO ${name} SELECT * FROM json_populate_recordset(NULL::${name}, ${JSON.stringify(rows.map(toColumns))}::json)
    ON CONFLICT DO NOTHING RETURNING ${Prisma.raw(column)}::text AS value`;
  return inserted.map(({ value }) => value);
}

function toColumns(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value instanceof Uint8Array
        ? `\\x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`
        : value,
    ]),
  );
}
