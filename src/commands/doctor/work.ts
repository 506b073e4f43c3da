import type { Database } from '../../database/database.js';
import { firstUuidAt } from '../../domain/uuid.js';
import { type Check, type Finding, ok, warning } from './check.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const LONG_SECONDS = 5 * 60;
/** Rows that are counted at most: what matters is whether there are any. */
const COUNTED = 1000;

export const workers: Check = {
  name: 'workers',
  needs: 'tables',
  look: async ({ config, database }) => {
    const [row] = await database.client.$queryRaw<{ connections: number; leases: number }[]>`
      SELECT (SELECT count(*)::int FROM lease WHERE expires_at > now()) AS leases,
        (SELECT count(*)::int FROM pg_stat_activity
         WHERE datname = current_database() AND application_name ~ '^pkgserver (all|worker) ') AS connections`;
    const { connections = 0, leases = 0 } = row ?? {};
    const seen = `${connections} connections of workers, ${leases} leases held.`;
    if (connections + leases > 0) return [ok(`A worker runs: ${seen}`)];
    // A pooler gives a connection the name of whoever had it last.
    if (config.databaseDirectUrl !== undefined) {
      return [ok(`Workers cannot be seen through the pooler: ${seen} Their GET /health/ready says how they are.`)];
    }
    return [warning(`No worker is to be seen: ${seen}`, 'Start a process with ROLE=worker or ROLE=all.')];
  },
};

export const waiting: Check = {
  name: 'operations',
  needs: 'tables',
  look: async ({ database }) => {
    const [oldest] = await database.client.$queryRaw<
      { id: string; kind: string; reason: string | null; seconds: number }[]
    >`
      SELECT id::text, kind::text, waiting_for AS reason, extract(epoch FROM now() - created_at)::float8 AS seconds
      FROM operation WHERE state = 'queued' ORDER BY id LIMIT 1`;
    if (oldest === undefined) return [ok('No operation waits.')];
    const { id, kind, reason, seconds } = oldest;
    if (seconds <= LONG_SECONDS) return [ok(`The oldest operation that waits does so for ${Math.round(seconds)} s.`)];
    return [
      warning(
        `The operation ${id} (${kind}) waits for ${Math.round(seconds / 60)} minutes${reason === null ? '' : `, for ${reason}`}.`,
        'See whether a worker runs, and docs/operating.md, "When a repository is stuck".',
      ),
    ];
  },
};

export const retention: Check = {
  name: 'retention',
  needs: 'tables',
  look: async ({ config, database }) => [
    overdue(
      'operations',
      config.retentionOperationsDays,
      await oldOperations(database, config.retentionOperationsDays),
    ),
    overdue('events', config.retentionEventsDays, await oldEvents(database, config.retentionEventsDays)),
  ],
};

/** Rows twice as old as they are kept: where a worker runs, the retention has removed them long before. */
function overdue(what: string, days: number, count: number): Finding {
  if (count === 0) return ok(`No ${what} are much older than the ${days} days that they are kept.`);
  const many = count === COUNTED ? `${COUNTED} or more` : count;
  return warning(
    `${many} ${what} are older than twice the ${days} days that they are kept.`,
    'See that a worker runs, what came of its operations of the kind retention, and whether webhooks lag behind.',
  );
}

const twice = (days: number): Date => new Date(Date.now() - 2 * days * DAY_MS);

async function oldOperations(database: Database, days: number): Promise<number> {
  const before = twice(days);
  const [row] = await database.client.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (
      SELECT 1 FROM operation WHERE state IN ('succeeded', 'failed', 'cancelled')
      AND id < ${firstUuidAt(before)}::uuid AND finished_at < ${before} LIMIT ${COUNTED}) o`;
  return row?.count ?? 0;
}

async function oldEvents(database: Database, days: number): Promise<number> {
  const [row] = await database.client.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (
      SELECT 1 FROM event WHERE sequence < ${twice(days).getTime()}::bigint * 1000 LIMIT ${COUNTED}) e`;
  return row?.count ?? 0;
}
