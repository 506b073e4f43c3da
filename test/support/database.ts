import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { eventPart, writeRecord } from './contract/records.js';
import { Database } from '../../src/database/database.js';

export interface TestDatabase {
  url: string;
  database: Database;
  /** Disconnects `database` and drops it from the server, whoever else is connected. */
  drop(): Promise<void>;
}

/** A migrated, empty database of the caller's own; a copy of a template, made in milliseconds. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return openTestDatabase(await createDatabase(inject('databaseTemplate')));
}

/** The URL of a database without any table, for tests of the migrations. The server drops it when the run ends. */
export async function createEmptyDatabase(): Promise<string> {
  return createDatabase('template0');
}

async function createDatabase(template: string): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administer(`CREATE DATABASE ${name} TEMPLATE "${template}" STRATEGY file_copy`);
  const url = new URL(inject('databaseServer'));
  url.pathname = `/${name}`;
  return url.href;
}

function openTestDatabase(url: string): TestDatabase {
  const database = new Database({ url, poolSize: 10 });
  return {
    url,
    database,
    drop: async () => {
      await recordEvents(database, url);
      await database.onModuleDestroy();
      await administer(`DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
    },
  };
}

/** Which types of events were raised: the whole suite has to raise each. A server that was ended tells nothing. */
async function recordEvents(database: Database, url: string): Promise<void> {
  const rows = await database.client.$queryRaw<{ type: string }[]>`
    SELECT type FROM event UNION SELECT type FROM event_pending`.catch(() => []);
  const seen = rows.map(({ type }) => eventPart(type));
  writeRecord(inject('contractRecords'), `events-${new URL(url).pathname.slice(1)}`, {
    file: '',
    answers: 0,
    bodies: 0,
    seen,
  });
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client(inject('databaseServer'));
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
