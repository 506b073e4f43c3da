import { writeIndex } from '../../data/index-rows.js';
import { installationRows } from '../../data/installation-rows.js';
import { requestsPerSecond } from '../../native/load.js';
import type { Result } from '../../report/result.js';
import { timed } from '../../report/statistics.js';
import type { Pkgserver } from '../../stage/pkgserver.js';
import { withClient } from '../../stage/postgres.js';
import type { Stage } from '../../stage/stage.js';
import { readsOf } from './index-reads.js';
import { slopes, type Work } from './slopes.js';

const ROW = 'large-index';
const REVISIONS = 1_000_000;
const WARM_UPS = 20;
const PER_ROUND = 8;
const CLIENTS = 4;
const LOAD_SECONDS = 5;
const TABLES = 10;
const MOST_MEMORY = 512;

/** Requests over 100,000 and over 1,000,000 revisions, whose files are in ten times as many places. */
export async function largeIndex(stage: Stage): Promise<Result[]> {
  const { url } = await stage.catalog('beside-an-index', { packages: 200, tags: 5 });
  const results = await slopes(ROW, REVISIONS, async (revisions) => {
    const databaseUrl = await stage.postgres.create();
    const filling = await timed(() =>
      writeIndex(databaseUrl, { seed: stage.options.seed, revisions }, installationRows(revisions)),
    );
    try {
      const requests = await stage.withPkgserver({ row: ROW, role: 'api', databaseUrl }, async (pkgserver) => [
        ...(await measureReads(stage, pkgserver)),
        ...(await measureSync(stage, pkgserver, url)),
      ]);
      const filled = { what: 'filling of the tables', unit: 's' as const, values: [filling / 1000], grows: true };
      return [...requests, ...(await measureDisk(databaseUrl)), named(filled)];
    } finally {
      await stage.postgres.drop(databaseUrl);
    }
  });
  return results.map((result) =>
    result.work.includes('memory')
      ? { ...result, limit: { of: 'ours', comparison: '<=', value: MOST_MEMORY } }
      : result,
  );
}

const named = ({ what, ...work }: Omit<Work, 'work'> & { what: string }): Work => ({
  work: `${ROW}: ${what}`,
  ...work,
});

async function measureReads(stage: Stage, pkgserver: Pkgserver): Promise<Work[]> {
  const { api } = pkgserver;
  const reads = await readsOf(api);
  // All of them first: the process compiles what it runs, and would do so in whichever comes first.
  for (const { path } of reads) for (let warmUp = 0; warmUp < WARM_UPS; warmUp += 1) await api.bytes(path);
  const found: Work[] = [];
  for (const { what, path, grows } of reads) {
    const values: number[] = [];
    for (let round = 0; round < stage.options.rounds * PER_ROUND; round += 1) {
      values.push(await timed(() => api.bytes(path)));
    }
    found.push(named({ what, values, grows }));
  }
  const paths = reads.map(({ path }) => `/api/v1${path}`);
  await requestsPerSecond(api, paths, LOAD_SECONDS, CLIENTS);
  const { peak } = await pkgserver.memory();
  return [...found, memory(`memory of the API, ${CLIENTS} clients`, peak)];
}

/** A worker that discovers 1,000 revisions beside all that is there, and then finds nothing new. */
async function measureSync(stage: Stage, { api, databaseUrl }: Pkgserver, url: string): Promise<Work[]> {
  return stage.withPkgserver({ row: ROW, role: 'worker', databaseUrl }, async (worker) => {
    let id = '';
    const discovery = await timed(async () => (id = await api.register('beside-an-index', url)));
    const syncs: number[] = [];
    for (let round = 0; round < stage.options.rounds * 4; round += 1) syncs.push(await timed(() => api.sync(id)));
    return [
      named({ what: 'discovery of 1,000 revisions beside them', values: [discovery], grows: false }),
      named({ what: 'sync with nothing changed', values: syncs, grows: false }),
      memory('memory of the worker meanwhile', (await worker.memory()).peak),
    ];
  });
}

const memory = (what: string, bytes: number): Work =>
  named({ what, unit: 'MiB', values: [bytes / 2 ** 20], grows: false });

/** All of it, and the largest tables with their indexes. */
async function measureDisk(databaseUrl: string): Promise<Work[]> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ name: string; bytes: number }>(`
      SELECT 'all' AS name, pg_database_size(current_database())::float8 AS bytes
      UNION ALL (SELECT relname, pg_total_relation_size(oid)::float8 AS bytes FROM pg_class
        WHERE relkind = 'r' AND relnamespace = current_schema::regnamespace ORDER BY bytes DESC LIMIT ${TABLES})`),
  );
  return rows.map(({ name, bytes }) =>
    named({ what: `disk: ${name}`, unit: 'MiB', values: [bytes / 2 ** 20], grows: true }),
  );
}
