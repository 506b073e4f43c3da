import pg from 'pg';
import { startBareServer } from '../native/bare-server.js';
import { requestsPerSecond } from '../native/load.js';
import { type Statement, statementsOf } from '../native/statements.js';
import type { Result } from '../report/result.js';
import { alternate, timed } from '../report/statistics.js';
import { Api } from '../stage/api.js';
import type { Pkgserver } from '../stage/pkgserver.js';
import type { Stage } from '../stage/stage.js';

const PER_ROUND = 40;
const SECONDS = 3;
/** Different revisions whose files are read. */
const REVISIONS = 40;
/** So many has either side answered before it is timed: until then V8 compiles, and a page takes a millisecond longer. */
const WARM_UPS = 2000;

/** Filters whose matches are spread over the whole table. */
export const LISTS: Record<string, string> = {
  'by package': '/package-revisions?package=upf&pageSize=100',
  'by lifecycle': '/package-revisions?lifecycle=proposed&pageSize=100',
  'by labels': '/package-revisions?labelSelector=team%3Dcore,tier%3Dgold&latest=true&pageSize=100',
};

/** For somebody who sees little, what they see is all over the table, or nothing of it is. */
const LISTS_OF_FEW: Record<string, string> = {
  'of all': '/package-revisions?pageSize=100',
  'by lifecycle': '/package-revisions?lifecycle=published&pageSize=100',
};

/** An API, and the database behind it. */
type Served = Pick<Pkgserver, 'api' | 'databaseUrl'>;

/** Reading 100,000 revisions, beside the same statements by themselves. */
export async function reads(stage: Stage): Promise<Result[]> {
  const databaseUrl = await stage.indexed(100_000);
  return stage.withPkgserver({ row: 'reads', role: 'api', databaseUrl }, async (pkgserver) => {
    const found: Result[] = [];
    for (const [what, path] of Object.entries(LISTS)) {
      found.push(...(await measure(stage, pkgserver, `list page ${what}, 100 of 100,000`, [path])));
    }
    const narrow = await callerOfThreePaths(pkgserver);
    const of = { api: narrow, databaseUrl };
    for (const [what, path] of Object.entries(LISTS_OF_FEW)) {
      found.push(...(await measure(stage, of, `list page ${what}, for a user of 3 paths`, [path])));
    }
    await narrow.close();
    const some = await pkgserver.api.revisions('repository=repository-77');
    const files = some.slice(0, REVISIONS).map(({ id }) => `/package-revisions/${id}/resources`);
    found.push(...(await measure(stage, pkgserver, 'resources of a revision', files)));
    return found;
  });
}

/** Somebody who may see three directories of the thousand repositories. */
async function callerOfThreePaths({ api }: Pkgserver): Promise<Api> {
  for (const number of [17, 170, 700]) {
    const name = `repository-${number}`;
    const found = await api.send<{ items: { id: string }[] }>('GET', `/repositories?name=${name}`);
    const [first] = await api.revisions(`repository=${name}`);
    const path = `${first?.path.split('/')[0]}/**`;
    const subject = { type: 'user', name: 'narrow' };
    await api.send('POST', '/role-bindings', { role: 'viewer', subject, repositoryId: found.body.items[0]?.id, path });
  }
  const made = await api.send<{ token: string }>('POST', '/api-tokens', { description: 'bench', user: 'narrow' });
  return new Api(api.url, made.body.token);
}

/** The median time of an answer, and answers per second under load. */
async function measure(stage: Stage, pkgserver: Served, work: string, paths: string[]): Promise<Result[]> {
  const { rounds } = stage.options;
  const cases = await statementsOf(stage.postgres, paths, (path) => pkgserver.api.bytes(path));
  const latency = await measureLatency(pkgserver, paths, cases, rounds * PER_ROUND);
  const bare = await startBareServer(pkgserver.databaseUrl, cases);
  const stop = () => bare.stop();
  await stage.onClose(stop);
  try {
    const ours = paths.map((path) => `/api/v1${path}`);
    const native = paths.map((_, index) => `/${index}`);
    await requestsPerSecond(pkgserver.api, ours, 1);
    await requestsPerSecond(bare, native, 1);
    const load = await alternate(
      rounds,
      () => requestsPerSecond(pkgserver.api, ours, SECONDS),
      () => requestsPerSecond(bare, native, SECONDS),
    );
    return [
      {
        ...{ row: 'reads', work, unit: 'ms' as const, ...latency },
        limit: { of: 'ratio', comparison: '<=', value: 2 },
        notes: [`${cases[0]?.length} statement(s) a request, taken from PostgreSQL's log`],
      },
      {
        ...{ row: 'reads', work: `${work}, under load`, unit: 'req/s' as const, ...load },
        limit: { of: 'ratio', comparison: '>=', value: 0.5 },
        notes: [],
      },
    ];
  } finally {
    await stop();
  }
}

/** Both sides one request at a time, over one connection that is kept. */
export async function measureLatency(
  { api, databaseUrl }: Served,
  paths: readonly string[],
  cases: readonly Statement[][],
  rounds: number,
  warmUps = WARM_UPS,
): Promise<{ ours: number[]; native: number[] }> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const ours = (round: number) => timed(() => api.bytes(paths[round % paths.length] as string));
  const native = (round: number) =>
    timed(async () => {
      for (const { text, values } of cases[round % cases.length] ?? []) await client.query(text, values);
    });
  try {
    await alternate(warmUps, ours, native);
    return await alternate(rounds, ours, native);
  } finally {
    await client.end();
  }
}
