import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { git } from '../../test/support/git-command.js';
import { statementsOf } from '../native/statements.js';
import type { Result } from '../report/result.js';
import { figure } from '../report/table.js';
import type { Api } from '../stage/api.js';
import type { Pkgserver } from '../stage/pkgserver.js';
import { withClient } from '../stage/postgres.js';
import type { Stage } from '../stage/stage.js';
import { measureLatency } from './reads.js';

const POLL_SECONDS = 60;
const LEAST_WATCHED_SECONDS = 60;
const DISCOVERY_LIMIT_MS = 8 * 60_000;

/** Many repositories that two workers poll: what one poll costs once nothing changes, and how reading fares meanwhile. */
export async function fleet(stage: Stage): Promise<Result[]> {
  const size = stage.options.quick ? 100 : 1000;
  const urls = await makeRepositories(stage, size);
  const bare = await bareListing(stage, [...urls.values()].slice(0, 50));
  const databaseUrl = await stage.postgres.create();
  const settings = { row: 'fleet', databaseUrl, variables: { SYNC_INTERVAL_SECONDS: String(POLL_SECONDS) } };
  return stage.withPkgserver({ ...settings, role: 'api' }, (api) =>
    stage.withPkgserver({ ...settings, role: 'worker' }, (first) =>
      stage.withPkgserver({ ...settings, role: 'worker' }, async (second) => {
        await registerAll(api.api, databaseUrl, urls);
        return watch(stage, api, [first, second], size, bare);
      }),
    ),
  );
}

/** One repository on disk under many names. */
async function makeRepositories(stage: Stage, size: number): Promise<Map<string, string>> {
  await stage.catalog('fleet', { packages: 20, tags: 5 });
  const urls = new Map<string, string>();
  for (let index = 0; index < size; index += 1) {
    const name = `fleet-${index}`;
    urls.set(name, (await stage.git.alias(name, 'fleet')).url);
  }
  return urls;
}

async function registerAll(api: Api, databaseUrl: string, urls: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, url] of urls) await api.send('POST', '/repositories', { name, git: { url } });
  const end = performance.now() + DISCOVERY_LIMIT_MS;
  await withClient(databaseUrl, async (client) => {
    for (;;) {
      const { rows } = await client.query<{ left: number }>(
        "SELECT count(*)::int AS left FROM operation WHERE state IN ('queued', 'running')",
      );
      if (rows[0]?.left === 0) return;
      if (performance.now() > end) throw new Error(`${rows[0]?.left} repositories were not discovered in time.`);
      await sleep(500);
    }
  });
}

/** The steady state, for as long as one round of polls takes at least. */
async function watch(stage: Stage, api: Pkgserver, workers: Pkgserver[], size: number, bare: Cost): Promise<Result[]> {
  await stage.git.count(true);
  const before = { calls: await callsOf(workers, api.api), cpu: await cpuOf(workers), at: performance.now() };
  const reading = await read(stage, api);
  await sleep(Math.max(0, LEAST_WATCHED_SECONDS * 1000 - (performance.now() - before.at)));
  const { requests, pushes } = await stage.git.counts();
  const calls = await callsOf(workers, api.api);
  const polls = calls.list - before.calls.list;
  const cpu = ((await cpuOf(workers)) - before.cpu) * 1000;
  const seconds = (performance.now() - before.at) / 1000;
  await stage.git.count(false);
  const memory = await Promise.all([api, ...workers].map(async (process) => (await process.memory()).peak / 2 ** 20));
  return [
    {
      ...{ row: 'fleet', work: 'requests of one poll, beside git ls-remote', unit: 'requests' },
      ...{ ours: [requests / polls], native: [bare.requests] },
      // A poll that is under way at either end is counted on one side only.
      limit: { of: 'ratio', comparison: '<=', value: 1.05 },
      notes: [
        `${polls} polls in ${figure(seconds)} s of ${size} repositories every ${POLL_SECONDS} s; ` +
          `${calls.fetch - before.calls.fetch} fetches, ${pushes} requests of pushes`,
      ],
    },
    {
      ...{ row: 'fleet', work: 'CPU of one poll, beside git ls-remote', unit: 'ms' },
      ...{ ours: [cpu / polls], native: [bare.cpuMilliseconds], notes: ['of the workers, and of the git command'] },
    },
    ...reading,
    {
      ...{
        row: 'fleet',
        work: 'memory of a process of the fleet',
        unit: 'MiB',
        ours: [Math.max(...memory)],
        native: [],
      },
      limit: { of: 'ours', comparison: '<=', value: 512 },
      notes: [`the API ${figure(memory[0] ?? 0)}, the workers ${memory.slice(1).map(figure).join(' and ')} MiB`],
    },
  ];
}

async function read(stage: Stage, api: Pkgserver): Promise<Result[]> {
  const some = await api.api.revisions('repository=fleet-7');
  const paths = {
    'list page': ['/package-revisions?lifecycle=published&latest=true&pageSize=100'],
    resources: some.slice(0, 20).map(({ id }) => `/package-revisions/${id}/resources`),
  };
  const results: Result[] = [];
  for (const [what, list] of Object.entries(paths)) {
    const cases = await statementsOf(stage.postgres, list, (path) => api.api.bytes(path));
    results.push({
      ...{ row: 'fleet', work: `${what} meanwhile`, unit: 'ms', ...(await measureLatency(api, list, cases, 200)) },
      limit: { of: 'ratio', comparison: '<=', value: 2 },
      notes: [],
    });
  }
  return results;
}

/** Calls of remotes that the workers have made, as their metrics tell whom the API has let in. */
async function callsOf(workers: readonly Pkgserver[], { credentials }: Api): Promise<{ list: number; fetch: number }> {
  const texts = await Promise.all(workers.map((worker) => worker.metrics(credentials)));
  const count = (operation: string) =>
    [...texts.join('\n').matchAll(/^pkgserver_git_duration_seconds_count\{operation="(\w+)",outcome="\w+"\} (\d+)/gm)]
      .filter(([, name]) => name === operation)
      .reduce((sum, [, , value]) => sum + Number(value), 0);
  return { list: count('list'), fetch: count('fetch') };
}

async function cpuOf(processes: readonly Pkgserver[]): Promise<number> {
  const seconds = await Promise.all(processes.map((process) => process.cpuSeconds()));
  return seconds.reduce((sum, one) => sum + one, 0);
}

interface Cost {
  requests: number;
  cpuMilliseconds: number;
}

/** Native Git's cost of looking at one of the repositories: requests, and CPU of the client. */
async function bareListing(stage: Stage, urls: readonly string[]): Promise<Cost> {
  await stage.git.count(true);
  const cpu = await childrenMilliseconds();
  for (const url of urls) await git(['ls-remote', url]);
  const cpuMilliseconds = ((await childrenMilliseconds()) - cpu) / urls.length;
  const { requests } = await stage.git.counts();
  await stage.git.count(false);
  return { requests: requests / urls.length, cpuMilliseconds };
}

/** CPU of this process's ended children so far, in steps of 10 ms. */
async function childrenMilliseconds(): Promise<number> {
  const fields = (await readFile('/proc/self/stat', 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
