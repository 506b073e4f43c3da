import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeIndex } from '../../bench/data/index-rows.js';
import { withoutIndexes } from '../../bench/data/without-indexes.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const INDEXES = `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema ORDER BY 1`;
const CONSTRAINTS = `SELECT conrelid::regclass::text, conname, convalidated, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = current_schema::regnamespace ORDER BY 1, 2`;

describe("the benchmark's filling of an index", () => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client(database.url);
    await client.connect();
  });

  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  const schema = async () => [(await client.query(INDEXES)).rows, (await client.query(CONSTRAINTS)).rows];

  const revisions = async () =>
    (await client.query<{ count: number }>('SELECT count(*)::int FROM package_revision')).rows[0]?.count;

  it('writes rows that meet every key, and leaves the schema that the migrations made', async () => {
    const before = await schema();
    await writeIndex(database.url, { seed: 7, revisions: 200 });
    expect(await revisions()).toBe(200);
    expect(await schema()).toEqual(before);
  });

  it('leaves everything as it was when a row breaks a key', async () => {
    const before = await schema();
    const copied = withoutIndexes(client, async () => {
      await client.query('INSERT INTO package_revision SELECT * FROM package_revision');
      expect(await revisions()).toBe(400);
    });
    await expect(copied).rejects.toThrow('could not create unique index');
    expect(await schema()).toEqual(before);
    expect(await revisions()).toBe(200);
  });

  it('refuses a filling that changes the schema', async () => {
    const before = await schema();
    const changed = withoutIndexes(client, async () => {
      await client.query('CREATE INDEX one_more ON package (path)');
    });
    await expect(changed).rejects.toThrow('More:\none_more: CREATE INDEX one_more');
    expect(await schema()).toEqual(before);
  });
});
