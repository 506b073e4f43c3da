import { setTimeout as sleep } from 'node:timers/promises';
import { requestsPerSecond } from '../native/load.js';
import type { Result } from '../report/result.js';
import type { Stage } from '../stage/stage.js';
import { LISTS } from './reads.js';

const CLIENTS = 4;

/** The most memory that one process holds while it is asked for lists and files and reads a large repository. */
export async function memory(stage: Stage): Promise<Result[]> {
  const databaseUrl = await stage.indexed(100_000);
  const catalog = await stage.catalog('memory', { packages: 1000, tags: 5 });
  return stage.withPkgserver({ row: 'memory', databaseUrl }, async (pkgserver) => {
    const some = await pkgserver.api.revisions('repository=repository-77');
    const paths = [...Object.values(LISTS), ...some.map(({ id }) => `/package-revisions/${id}/resources`)].map(
      (path) => `/api/v1${path}`,
    );
    const discovered = new AbortController();
    const register = async () => {
      await pkgserver.api.register('memory', catalog.url).finally(() => discovered.abort());
    };
    const read = async () => {
      while (!discovered.signal.aborted) await requestsPerSecond(pkgserver.api, paths, 2, CLIENTS);
    };
    await Promise.all([register(), read()]);
    const { peak } = await pkgserver.memory();
    await sleep(5000);
    const { now } = await pkgserver.memory();
    return [
      {
        row: 'memory',
        work: 'memory of one process, 100,000 revisions indexed',
        unit: 'MiB',
        ours: [peak / 2 ** 20],
        native: [],
        limit: { of: 'ours', comparison: '<=', value: 512 },
        notes: [
          `at the most, while ${CLIENTS} clients read and a repository of ${catalog.revisions} revisions is discovered; ` +
            `${Math.round(now / 2 ** 20)} MiB five seconds later`,
        ],
      },
    ];
  });
}
