import { setTimeout as sleep } from 'node:timers/promises';
import { largeStream } from '../../data/large.js';
import type { Result } from '../../report/result.js';
import { figure } from '../../report/table.js';
import type { Pkgserver } from '../../stage/pkgserver.js';
import { withClient } from '../../stage/postgres.js';
import type { Stage } from '../../stage/stage.js';
import { slopes } from './slopes.js';

const REPOSITORIES = 5_000;
/** Every repository is polled once in so long, as is usual. */
const POLL_SECONDS = 60;
const WATCHED_SECONDS = 40;
/** Until the queue of a worker that has just polled all is as long as it is in the long run. */
const WARM_UP_SECONDS = 15;
const PATIENCE_SECONDS = 600;
/** After an outage all polls are overdue: how many are made in the first seconds of a worker. */
const RESTART_SECONDS = 15;

/** Repositories of one package each: what the polls of them cost, and whether a worker that starts makes all at once. */
export const largeRepositories = (stage: Stage): Promise<Result[]> =>
  slopes('large-repositories', REPOSITORIES, async (size) => {
    const { databaseUrl, credentials } = await registered(stage, size);
    await due(databaseUrl, `now() - interval '1 hour'`);
    const settings = { row: 'large-repositories', role: 'worker' as const, databaseUrl };
    const variables = { SYNC_INTERVAL_SECONDS: String(POLL_SECONDS) };
    const { restarted, steady } = await stage.withPkgserver({ ...settings, variables }, async (worker) => {
      const restarted = await watched(worker, credentials, RESTART_SECONDS);
      await allPolled(databaseUrl);
      await sleep(WARM_UP_SECONDS * 1_000);
      return { restarted, steady: await watched(worker, credentials, WATCHED_SECONDS) };
    });
    const share = ((steady.cpu / 1000) * size) / POLL_SECONDS;
    return [
      {
        work: 'large-repositories: CPU of one poll',
        values: [steady.cpu],
        grows: false,
        notes: [
          `${steady.polls} polls in ${WATCHED_SECONDS} s; ${size} repositories every ${POLL_SECONDS} s take ${figure(share * 100)} % of a core`,
        ],
      },
      {
        ...{ work: 'large-repositories: polls in a second after a restart', unit: 'requests', grows: true },
        values: [restarted.polls / RESTART_SECONDS],
        notes: [`${figure(size / POLL_SECONDS)} are due in a second in the long run`],
      },
      { work: 'large-repositories: memory of the worker', unit: 'MiB', values: [steady.memory], grows: false },
    ];
  });

/** A database in which one repository, as it was discovered, stands so many times under other names. */
async function registered(stage: Stage, size: number): Promise<{ databaseUrl: string; credentials: Credentials }> {
  const name = `polled-${size}`;
  const shape = { seed: stage.options.seed, packages: 1, files: 4, tags: 1, drafts: 0 };
  const { url } = await stage.imported(name, largeStream(shape));
  const databaseUrl = await stage.postgres.create();
  const credentials = await stage.withPkgserver({ row: 'large-repositories', databaseUrl }, async ({ api }) => {
    await api.register(name, url);
    // The history is read behind that.
    await sleep(3_000);
    return api.credentials;
  });
  for (let number = 1; number < size; number += 1) await stage.git.alias(`${name}-${number}`, name);
  await withClient(databaseUrl, async (client) => {
    for (const [table, { ids, names = [] }] of Object.entries(COPIED)) {
      const changed = [
        ...ids.map(
          (column) =>
            `'${column}', overlay(overlay(md5(t.${column}::text || n) placing '7' from 13) placing '8' from 17)`,
        ),
        ...names.map((column) => `'${column}', replace(t.${column}, '${name}', '${name}-' || n)`),
      ];
      await client.query(`INSERT INTO ${table}
        SELECT (jsonb_populate_record(NULL::${table}, to_jsonb(t) || jsonb_build_object(${changed.join()}))).*
        FROM ${table} t CROSS JOIN generate_series(1, ${size - 1}) n`);
    }
    await client.query('VACUUM ANALYZE');
  });
  return { databaseUrl, credentials };
}

/** The columns in which the copies of a repository's rows differ. */
const COPIED: Record<string, { ids: string[]; names?: string[] }> = {
  repository: { ids: ['id'], names: ['name', 'url', 'url_key'] },
  repository_polling: { ids: ['repository_id'] },
  remote_ref: { ids: ['repository_id'] },
  package: { ids: ['id', 'repository_id'] },
  package_revision: { ids: ['id', 'repository_id', 'package_id'], names: ['repository_name', 'name'] },
};

const due = (databaseUrl: string, when: string): Promise<unknown> =>
  withClient(databaseUrl, (client) => client.query(`UPDATE repository_polling SET next_sync_at = ${when}`));

/** Waits until each repository was polled once: a worker asks a remote that it has not met yet what it speaks, first. */
async function allPolled(databaseUrl: string): Promise<void> {
  const until = Date.now() + PATIENCE_SECONDS * 1_000;
  const left = `SELECT 1 FROM repository_polling WHERE next_sync_at < now() - interval '30 minutes'`;
  const isLeft = () =>
    withClient(databaseUrl, async (client) => (await client.query(`${left} LIMIT 1`)).rowCount !== 0);
  while (await isLeft()) {
    if (Date.now() > until) throw new Error(`Not all were polled in ${PATIENCE_SECONDS} s.`);
    await sleep(500);
  }
}

/** Whom the API has let in the workers let in as well. */
type Credentials = Record<string, string>;

interface Watched {
  polls: number;
  /** Milliseconds of the worker's CPU for each. */
  cpu: number;
  memory: number;
}

async function watched(worker: Pkgserver, credentials: Credentials, seconds: number): Promise<Watched> {
  const before = { polls: await pollsOf(worker, credentials), cpu: await worker.cpuSeconds() };
  await sleep(seconds * 1_000);
  const polls = (await pollsOf(worker, credentials)) - before.polls;
  const cpu = (((await worker.cpuSeconds()) - before.cpu) * 1_000) / polls;
  return { polls, cpu, memory: (await worker.memory()).peak / 2 ** 20 };
}

async function pollsOf(worker: Pkgserver, credentials: Credentials): Promise<number> {
  const counts = (await worker.metrics(credentials)).matchAll(
    /^pkgserver_git_duration_seconds_count\{operation="list",outcome="\w+"\} (\d+)/gm,
  );
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}
