import { setTimeout as sleep } from 'node:timers/promises';
import { connect, serverOf } from '../../database/connect.js';
import { type Check, type Finding, failed, mistakesOf, ok, warning } from './check.js';

/** So long a replica may take to come to where the primary was when the look began. */
const PATIENCE_MS = 3_000;
const PAUSE_MS = 100;

type Client = Awaited<ReturnType<typeof connect>>;

interface Server {
  standby: boolean;
  system: string;
  migration: string | null;
  feedback: boolean;
  position: string;
}

const SERVER = `SELECT pg_is_in_recovery() AS standby, (SELECT system_identifier::text FROM pg_control_system()) AS system,
  (SELECT max(migration_name) FROM _prisma_migrations WHERE finished_at IS NOT NULL) AS migration,
  current_setting('hot_standby_feedback') = 'on' AS feedback,
  (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END)::text AS position`;

export const replicas: Check = {
  name: 'replicas',
  needs: 'tables',
  look: async ({ config, urls }) => {
    const { databaseReadUrl, databaseReadLagSeconds } = config;
    if (databaseReadUrl.length === 0) return [ok('DATABASE_READ_URL is not set: everything is read from the primary.')];
    const primary = await connect(urls.databaseUrl);
    try {
      const now = await stateOf(primary);
      const looked = databaseReadUrl.map((url) => lookAt(url, now, databaseReadLagSeconds));
      return (await Promise.all(looked)).flat();
    } finally {
      await primary.end();
    }
  },
};

async function lookAt(url: string, primary: Server, mostSeconds: number): Promise<Finding[]> {
  const found: Finding[] = [];
  const mistakes = await mistakesOf(async () => {
    const client = await connect(url, 'DATABASE_READ_URL');
    try {
      found.push(await judge(client, serverOf(url), primary, mostSeconds));
    } finally {
      await client.end();
    }
  });
  return [...found, ...mistakes.map((finding) => ({ ...finding, status: 'warning' as const }))];
}

async function judge(client: Client, place: string, primary: Server, mostSeconds: number): Promise<Finding> {
  const replica = await stateOf(client);
  if (replica.system !== primary.system) {
    return failed(`${place} is no copy of the database.`, 'Set DATABASE_READ_URL to standbys of DATABASE_URL.');
  }
  if (!replica.standby) {
    return failed(`${place} is no standby.`, 'Take a primary, or what was promoted, out of DATABASE_READ_URL.');
  }
  if (!(await comesTo(client, primary.position))) {
    return warning(
      `${place} is more than ${PATIENCE_MS / 1000} s behind; beyond ${mostSeconds} s it is not read from.`,
      'Look at pg_stat_replication of the primary, at pg_stat_wal_receiver there, and whether its replay is paused.',
    );
  }
  if (replica.migration !== primary.migration && (await stateOf(client)).migration !== primary.migration) {
    return warning(`${place} has the tables of another version.`, 'Wait until it has replayed the migrations.');
  }
  if (replica.feedback) return ok(`${place} is a standby, and as far as the primary.`);
  return warning(
    `${place} is a standby and as far as the primary, without hot_standby_feedback.`,
    'Set hot_standby_feedback = on there: what the primary vacuums cancels what is read there otherwise.',
  );
}

async function stateOf(client: Client): Promise<Server> {
  const [row] = (await client.query<Server>(SERVER)).rows;
  if (!row) throw new Error('The server says nothing of itself');
  return row;
}

async function comesTo(client: Client, position: string): Promise<boolean> {
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(PAUSE_MS)) {
    const { rows } = await client.query<{ reached: boolean }>(
      'SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS reached',
      [position],
    );
    if (rows[0]?.reached) return true;
    if (Date.now() > end) return false;
  }
}
