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
      await database.onModuleDestroy();
      await recordEvents(url);
      await administer(`DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
    },
  };
}

/** Which types of events were raised: the whole suite has to raise each. A server that was ended tells nothing. */
async function recordEvents(url: string): Promise<void> {
  const rows = await ask(url, 'SELECT type FROM event UNION SELECT type FROM event_pending').catch(() => []);
  const seen = rows.map(({ type }) => eventPart(String(type)));
  const name = `events-${new URL(url).pathname.slice(1)}`;
  writeRecord(inject('contractRecords'), name, { file: '', answers: 0, bodies: 0, seen });
}

async function administer(statement: string): Promise<void> {
  await ask(inject('databaseServer'), statement);
}

/** On a connection of its own: whoever is done with a database may have closed theirs. */
async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
