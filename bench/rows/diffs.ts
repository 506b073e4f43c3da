import { deployments, released } from '../data/deployments.js';
import { Random } from '../data/random.js';
import { parseYaml } from '../native/yaml.js';
import type { Result } from '../report/result.js';
import { median, timed } from '../report/statistics.js';
import { figure } from '../report/table.js';
import { Api } from '../stage/api.js';
import type { Pkgserver } from '../stage/pkgserver.js';
import type { Stage } from '../stage/stage.js';

const OBJECTS = 20;
/** Pairs of trees that are compared for the first time, in a round. */
const PER_ROUND = 20;
/** Until then V8 compiles. */
const WARM_UPS = 40;

interface Pair {
  path: string;
  texts: Buffer[];
}

/** What differs between two revisions of 20 objects, all of which differ: for the first time, and once more. */
export async function diffs(stage: Stage): Promise<Result[]> {
  const catalog = await stage.catalog('diffs', { packages: 1, tags: 1 });
  const databaseUrl = await stage.postgres.create();
  const { repositoryId, token } = await stage.withPkgserver({ row: 'diffs', databaseUrl }, async ({ api }) => {
    return { repositoryId: await api.register('diffs', catalog.url), token: api.token };
  });
  // Without a worker: it would push the drafts at the same time.
  return stage.withPkgserver({ row: 'diffs', role: 'api', databaseUrl }, async (pkgserver) => {
    const { url } = pkgserver;
    const api = new Api(url, token);
    const random = new Random(stage.options.seed);
    const pairs: Pair[] = [];
    for (let index = 0; index < WARM_UPS + stage.options.rounds * PER_ROUND; index += 1) {
      pairs.push(await pairOf(api, repositoryId, index, random));
    }
    const times = { cold: [] as number[], again: [] as number[], native: [] as number[], client: [] as number[] };
    for (const { path } of pairs.splice(0, WARM_UPS)) await api.bytes(path);
    const [any] = pairs.splice(0, 1);
    const cpu = any && (await cpuOf(pkgserver, () => api.bytes(any.path)));
    const least = await cpuOf(pkgserver, () => api.bytes('/me'));
    while (pairs.length > 0) {
      const round = pairs.splice(0, PER_ROUND);
      for (const { path } of round) times.cold.push(await timed(() => api.bytes(path)));
      const before = await answered(pkgserver, api);
      for (const { path } of round) times.client.push(await timed(() => api.bytes(path)));
      const after = await answered(pkgserver, api);
      times.again.push(((after.seconds - before.seconds) * 1000) / (after.count - before.count));
      times.native.push((await parseYaml(round.flatMap(({ texts }) => texts))).parse / round.length);
    }
    const bytes = any === undefined ? Number.NaN : (await api.bytes(any.path)).byteLength;
    await api.close();
    const shared = { row: 'diffs', unit: 'ms' as const };
    return [
      {
        ...shared,
        work: `diff of two revisions, ${OBJECTS} objects each, for the first time`,
        ours: times.cold,
        native: times.native,
        limit: { of: 'ratio', comparison: '<=', value: 3 },
        notes: [],
      },
      {
        ...shared,
        work: 'the same diff again, in the server',
        ours: times.again,
        native: [],
        limit: { of: 'ours', comparison: '<=', value: 2 },
        notes: [
          `${figure(median(times.client))} ms for the client, which reads ${figure(bytes / 1024)} KiB`,
          `${figure(cpu ?? Number.NaN)} ms of the server's CPU each, ${figure(least)} ms of them as for any request`,
        ],
      },
    ];
  });
}

async function pairOf(api: Api, repositoryId: string, index: number, random: Random): Promise<Pair> {
  const before = deployments(OBJECTS, random);
  const after = released(before, random);
  const ids = [
    await draft(api, repositoryId, `from-${index}`, before),
    await draft(api, repositoryId, `to-${index}`, after),
  ];
  const texts = [before, after].flatMap((files) => Object.values(files).map((text) => Buffer.from(text)));
  return { path: `/package-revisions/diff?from=${ids[0]}&to=${ids[1]}&pageSize=500`, texts };
}

async function draft(api: Api, repositoryId: string, name: string, files: Record<string, string>): Promise<string> {
  const request = { repositoryId, package: name, workspace: 'first', source: { type: 'init' } };
  const { body } = await api.send<{ id: string }>('POST', '/package-revisions', request);
  await api.send('PUT', `/package-revisions/${body.id}/resources`, { files }, { 'if-match': '*' });
  return body.id;
}

/** The comparisons that the server has answered, and the seconds that it took for them. */
async function answered(pkgserver: Pkgserver, { credentials }: Api): Promise<{ count: number; seconds: number }> {
  const text = await pkgserver.metrics(credentials);
  const value = (part: string): number => {
    const line = `^pkgserver_http_request_duration_seconds_${part}\\{[^}]*package-revisions/diff"[^}]*\\} (\\S+)$`;
    return Number(new RegExp(line, 'm').exec(text)?.[1]);
  };
  return { count: value('count'), seconds: value('sum') };
}

const REPEATS = 500;

/** Milliseconds of CPU that the server needs for a request, on a machine however busy. */
async function cpuOf(pkgserver: Pkgserver, request: () => Promise<unknown>): Promise<number> {
  for (let warmUp = 0; warmUp < REPEATS; warmUp += 1) await request();
  const before = await pkgserver.cpuSeconds();
  for (let turn = 0; turn < REPEATS; turn += 1) await request();
  return ((await pkgserver.cpuSeconds()) - before) * (1000 / REPEATS);
}
