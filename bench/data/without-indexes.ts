import { type Client } from 'pg';

interface Definition {
  table: string;
  name: string;
  definition: string;
}

/**
 * Lets `fill` write into tables that have neither indexes nor keys, and makes these again from their own definitions.
 * A row written into an index costs a read of a random page of it; an index made of all rows at once is sorted. In one
 * transaction: when something fails, or is not made again as it was, the tables are as before.
 */
export async function withoutIndexes(client: Client, fill: () => Promise<void>): Promise<void> {
  await client.query('BEGIN');
  try {
    // Sorts of ten million rows stay in memory; nothing waits for the disk before the commit.
    await client.query("SET LOCAL maintenance_work_mem = '1GB'");
    const before = await schemaOf(client);
    const constraints = await definitions(client, CONSTRAINTS);
    // A key cannot go while another table refers to it: the query has foreign keys first.
    for (const { table, name } of constraints) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
    const indexes = await definitions(client, INDEXES);
    for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
    await fill();
    for (const { definition } of indexes) await client.query(definition);
    for (const { table, name, definition } of constraints.toReversed()) {
      await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
    }
    assertSame(before, await schemaOf(client));
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** Keys and foreign keys; checks and NOT NULL cost next to nothing, and stay. */
const CONSTRAINTS = `
  SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition
  FROM pg_constraint WHERE connamespace = current_schema::regnamespace AND contype IN ('f', 'p', 'u', 'x')
  ORDER BY contype <> 'f', conname`;

const INDEXES = `
  SELECT indrelid::regclass::text AS table, indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
  FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = current_schema::regnamespace`;

const SCHEMA = `
  SELECT format('%s: %s', indexname, indexdef) AS line FROM pg_indexes WHERE schemaname = current_schema
  UNION ALL
  SELECT format('%s of %s, validated %s: %s', conname, conrelid::regclass, convalidated, pg_get_constraintdef(oid))
  FROM pg_constraint WHERE connamespace = current_schema::regnamespace
  UNION ALL
  SELECT format('%s of %s: %s', tgname, tgrelid::regclass, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
  ORDER BY 1`;

const definitions = async (client: Client, query: string): Promise<Definition[]> =>
  (await client.query<Definition>(query)).rows;

const schemaOf = async (client: Client): Promise<string[]> =>
  (await client.query<{ line: string }>(SCHEMA)).rows.map(({ line }) => line);

function assertSame(before: readonly string[], after: readonly string[]): void {
  const [had, has] = [new Set(before), new Set(after)];
  const missing = before.filter((line) => !has.has(line));
  const more = after.filter((line) => !had.has(line));
  if (missing.length + more.length === 0) return;
  throw new Error(`The schema is not as the migrations made it. Missing:\n${missing.join('\n')}\nMore:\n${more.join('\n')}`);
}
