import { git } from '../../test/support/git-command.js';
import type { Result } from '../report/result.js';
import { alternate, timed } from '../report/statistics.js';
import { operationTimes } from '../stage/operation-times.js';
import type { Stage } from '../stage/stage.js';

/** A sync that finds nothing new, from the request to its answer, beside `git ls-remote`. */
export async function sync(stage: Stage): Promise<Result[]> {
  const catalog = await stage.catalog('sync', { packages: 1000, tags: 5 });
  return stage.withPkgserver({ row: 'sync' }, async (pkgserver) => {
    const id = await pkgserver.api.register('catalog', catalog.url);
    for (let warmUp = 0; warmUp < 5; warmUp += 1) await pkgserver.api.sync(id);
    const times = await alternate(
      stage.options.rounds * 6,
      () => timed(() => pkgserver.api.sync(id)),
      () => timed(() => git(['ls-remote', catalog.url])),
    );
    return [
      {
        row: 'sync',
        work: 'sync with nothing changed (10,000 refs with the peeled)',
        unit: 'ms',
        ...times,
        limit: { of: 'ratio', comparison: '<=', value: 1.5 },
        notes: [await operationTimes(pkgserver.databaseUrl, 'sync')],
      },
    ];
  });
}
