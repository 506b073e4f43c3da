import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { expect, inject, it } from 'vitest';
import { schemaSql } from '../../scripts/schema-engine.mjs';
import { migrate } from '../../src/database/migrate.js';
import { createEmptyDatabase } from '../support/database.js';

/** Everything a schema is made of, one line each, as PostgreSQL itself writes it. */
const CATALOG = `
SELECT line FROM (
  SELECT format('column %s.%s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN ' not null' END, ' default ' || pg_get_expr(d.adbin, d.adrelid), ' collate ' || o.collname)
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN pg_collation o ON o.oid = a.attcollation
  WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL
  -- Prisma has no words for the parameters of an index.
  SELECT regexp_replace(indexdef, ' WITH \\(gin_[^)]*\\)', '') FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL
  SELECT format('enum %s %s', enumtypid::regtype, string_agg(enumlabel, ',' ORDER BY enumsortorder))
  FROM pg_enum GROUP BY enumtypid
) AS lines (line) WHERE line NOT LIKE '%\\_prisma\\_migrations%' ORDER BY line COLLATE "C"`;

async function catalogOf(url: string, sql?: string): Promise<string[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    if (sql !== undefined) await client.query(sql);
    return (await client.query<{ line: string }>(CATALOG)).rows.map((row) => row.line);
  } finally {
    await client.end();
  }
}

it('has migrations that give exactly what prisma/schema.prisma says', async () => {
  const migrated = await createEmptyDatabase();
  await migrate(migrated);
  const declared = await schemaSql(inject('databaseServer'), await readFile('prisma/schema.prisma', 'utf8'));
  const expected = await catalogOf(await createEmptyDatabase(), declared);
  expect(expected.length).toBeGreaterThan(150);
  expect(await catalogOf(migrated)).toEqual(expected);
});
