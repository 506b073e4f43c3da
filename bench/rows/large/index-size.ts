import { writeIndex } from '../../data/index-rows.js';
import { requestsPerSecond } from '../../native/load.js';
import type { Result } from '../../report/result.js';
import { timed } from '../../report/statistics.js';
import type { Stage } from '../../stage/stage.js';
import { LISTS } from '../reads.js';
import { SEARCHES } from '../search.js';
import { slopes, type Work } from './slopes.js';

const REVISIONS = 1_000_000;
const WARM_UPS = 20;
const PER_ROUND = 8;
const CLIENTS = 4;
const LOAD_SECONDS = 5;

/** Lists and searches over 100,000 and over 1,000,000 revisions, whose files are in ten times as many places. */
export async function largeIndex(stage: Stage): Promise<Result[]> {
  const results = await slopes('large-index', REVISIONS, async (revisions) => {
    const databaseUrl = await stage.postgres.create();
    await writeIndex(databaseUrl, { seed: stage.options.seed, revisions });
    try {
      return await stage.withPkgserver({ row: 'large-index', role: 'api', databaseUrl }, async (pkgserver) => {
        const { api } = pkgserver;
        const [some] = await api.revisions('repository=repository-77');
        const reads = {
          ...Object.fromEntries(Object.entries(LISTS).map(([what, path]) => [`list page ${what}`, path])),
          'list page of packages': '/packages?pageSize=100',
          'resources of a revision': `/package-revisions/${some?.id}/resources`,
          ...Object.fromEntries(
            SEARCHES.map(([what, query]) => [`search by ${what}`, `/search?q=${encodeURIComponent(query)}`]),
          ),
        };
        const found: Work[] = [];
        for (const [what, path] of Object.entries(reads)) {
          const values: number[] = [];
          for (let warmUp = 0; warmUp < WARM_UPS; warmUp += 1) await api.bytes(path);
          for (let round = 0; round < stage.options.rounds * PER_ROUND; round += 1) {
            values.push(await timed(() => api.bytes(path)));
          }
          found.push({ work: `large-index: ${what}`, values, grows: false });
        }
        const paths = Object.values(reads).map((path) => `/api/v1${path}`);
        await requestsPerSecond(api, paths, LOAD_SECONDS, CLIENTS);
        const { peak } = await pkgserver.memory();
        const [disk] = (await stage.postgres.administer(
          `SELECT pg_database_size('${new URL(databaseUrl).pathname.slice(1)}')::float8 AS bytes`,
        )) as { bytes: number }[];
        found.push(
          {
            work: `large-index: memory of the API, ${CLIENTS} clients`,
            unit: 'MiB',
            values: [peak / 2 ** 20],
            grows: false,
          },
          { work: 'large-index: disk', unit: 'MiB', values: [(disk?.bytes ?? Number.NaN) / 2 ** 20], grows: true },
        );
        return found;
      });
    } finally {
      await stage.postgres.drop(databaseUrl);
    }
  });
  return results.map((result) =>
    result.work.includes('memory') ? { ...result, limit: { of: 'ours', comparison: '<=', value: 512 } } : result,
  );
}
