import type { Client } from 'pg';
import { StartupError } from '../config/config.js';
import { connect, type DatabaseVariable, serverOf } from './connect.js';

/** Another client of the same pooler may take the connection that one round looks at; not that of each. */
const ROUNDS = 3;

const ADVICE: Readonly<Record<DatabaseVariable, string>> = {
  DATABASE_URL:
    'set DATABASE_DIRECT_URL to the server itself, for what needs a session: migrations, notifications and the queue',
  DATABASE_DIRECT_URL: 'it has to be the server itself, or a pooler that keeps sessions',
  DATABASE_OWNER_URL: 'it has to be the server itself, since migrations need a session',
};

/**
 * Throws a {@link StartupError} where the URL is that of a pooler which takes a client's connection away between two
 * transactions: two clients meet on one connection then, or one client finds itself on another.
 */
export async function assertKeepsSession(url: string, variable: DatabaseVariable): Promise<void> {
  const one = await connect(url, variable);
  try {
    const other = await connect(url, variable);
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        if (!(await isKept(one, other))) {
          throw new StartupError(
            `What answers at ${serverOf(url)} (${variable}) pools transactions and keeps no session: ${ADVICE[variable]}.`,
          );
        }
      }
    } finally {
      await other.end();
    }
  } finally {
    await one.end();
  }
}

/** Leaves nothing behind on a connection that is somebody else's next. */
async function isKept(one: Client, other: Client): Promise<boolean> {
  const before = await processOf(one);
  await other.query('BEGIN');
  try {
    // Were the two on one connection, asking by the first would wait for the second.
    return (await processOf(other)) !== before && (await processOf(one)) === before;
  } finally {
    await other.query('ROLLBACK');
  }
}

/** The server's process behind the connection. */
async function processOf(client: Client): Promise<number | undefined> {
  return (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
}

/** Throws a {@link StartupError} where a URL leads to another database than `DATABASE_URL`. */
export async function assertSameDatabase(databaseUrl: string, url: string, variable: DatabaseVariable): Promise<void> {
  const [expected, found] = [await databaseOf(databaseUrl, 'DATABASE_URL'), await databaseOf(url, variable)];
  if (expected === found) return;
  throw new StartupError(
    `${variable} (${serverOf(url)}) leads to another database than DATABASE_URL (${serverOf(databaseUrl)}): correct one of them.`,
  );
}

/** What tells a database from all others, also behind other names and ports of its server. */
async function databaseOf(url: string, variable: DatabaseVariable): Promise<string | undefined> {
  const client = await connect(url, variable);
  try {
    const { rows } = await client.query<{ key: string }>(
      `SELECT pg_postmaster_start_time()::text || ' ' || oid AS key FROM pg_database WHERE datname = current_database()`,
    );
    return rows[0]?.key;
  } finally {
    await client.end();
  }
}
