import { hash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from 'pg';
import { StartupError } from '../config/config.js';
import { messageOf } from '../domain/message-of.js';
import { connect, type DatabaseVariable } from './connect.js';

/** The same place from src/database and from dist/database. */
const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations/', import.meta.url));

/** The lock `prisma migrate` takes, so that neither runs beside the other. */
export const ADVISORY_LOCK = 72_707_369;

/** The table as `prisma migrate deploy` makes it, so that both read the same history. */
const HISTORY_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

interface HistoryRow {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

/** Applies the committed migrations that the database lacks, in order; returns their names. Safe to run many at once. */
export async function migrate(
  url: string,
  folder: string = MIGRATIONS,
  variable: DatabaseVariable = 'DATABASE_URL',
): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const client = await connect(url, variable);
  try {
    // Held by the session: a crash of this process frees it.
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    const isNew = (await client.query<{ found: boolean }>(HISTORY_EXISTS)).rows[0]?.found !== true;
    if (isNew && !(await mayMigrate(client))) throw notMigrated(migrations, variable);
    if (isNew) await client.query(HISTORY_TABLE);
    const missing = findMissing(migrations, await readHistory(client));
    if (missing[0] && !(await mayMigrate(client))) throw notMigrated(missing, variable);
    for (const migration of missing) await apply(client, migration);
    return missing.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

/** The names of the migrations that the database lacks. Changes nothing; throws as {@link migrate} does for a history that is not ours. */
export async function missingMigrations(client: Client): Promise<string[]> {
  const isNew = (await client.query<{ found: boolean }>(HISTORY_EXISTS)).rows[0]?.found !== true;
  const missing = findMissing(await readMigrations(MIGRATIONS), isNew ? [] : await readHistory(client));
  return missing.map(({ name }) => name);
}

/** A role that makes tables, and is (of) the owner of those that there are. */
async function mayMigrate(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ allowed: boolean }>(
    `SELECT has_schema_privilege(current_schema(), 'CREATE') AND coalesce((
       SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('_prisma_migrations')
     ), true) AS allowed`,
  );
  return rows[0]?.allowed === true;
}

function notMigrated(missing: readonly Migration[], variable: DatabaseVariable): StartupError {
  const named = missing.length === 1 ? `the migration ${missing[0]?.name}` : `${missing.length} migrations`;
  return new StartupError(
    `The database lacks ${named}, and the role of ${variable} does not own its tables: run "npm run migrate" (in the image: ` +
      '"node dist/commands/migrate.js") once, with DATABASE_OWNER_URL, before this version is started.',
  );
}

const HISTORY_EXISTS = `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`;

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: hash('sha256', sql, 'hex') };
    }),
  );
}

async function readHistory(client: Client): Promise<HistoryRow[]> {
  const { rows } = await client.query<HistoryRow>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  return rows;
}

/** The migrations still to apply. Refuses, in one sentence, a history that is not the beginning of this pkgserver's own. */
function findMissing(migrations: readonly Migration[], history: readonly HistoryRow[]): Migration[] {
  const failed = history.find((row) => row.finished_at === null);
  if (failed) {
    throw new StartupError(
      `The database's migration ${failed.migration_name} was begun and not finished: restore the backup from before it, ` +
        'or repair the database and mark it with `prisma migrate resolve`.',
    );
  }
  const applied = new Map(history.map((row) => [row.migration_name, row.checksum]));
  const edited = migrations.find(({ name, checksum }) => applied.has(name) && applied.get(name) !== checksum);
  if (edited) {
    throw new StartupError(
      `The database was set up by a different migration ${edited.name} than this pkgserver has: ` +
        'use the version that made it, or another database.',
    );
  }
  assertNoneUnknown(migrations, [...applied.keys()].sort());
  const missing = migrations.filter(({ name }) => !applied.has(name));
  const gap = missing.find(({ name }) => migrations.some((later) => later.name > name && applied.has(later.name)));
  if (gap) {
    throw new StartupError(
      `The database lacks the migration ${gap.name}, though it has later ones: ` +
        'restore a backup whose history is whole, or use another database.',
    );
  }
  return missing;
}

/** An unknown migration after the last of ours was applied by a newer version; one among ours, by another program. */
function assertNoneUnknown(migrations: readonly Migration[], applied: readonly string[]): void {
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = applied.filter((name) => !known.has(name));
  const [first] = unknown;
  if (first === undefined) return;
  const last = migrations.at(-1)?.name ?? '';
  if (first > last) {
    throw new StartupError(
      `The database is newer than this pkgserver (it has the migration ${unknown.at(-1)}): ` +
        'start the version that made it, or restore the backup from before that upgrade.',
    );
  }
  throw new StartupError(
    `The database has a migration ${first} that this pkgserver never had: use the version that made it, or another database.`,
  );
}

/** The migration and its row in the history come together or not at all. */
async function apply(client: Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new StartupError(`Migration ${name} could not be applied to the database: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}
