import { type Client } from 'pg';
import type { Result } from '../report/result.js';
import { timed } from '../report/statistics.js';
import { withClient } from '../stage/postgres.js';
import type { Stage } from '../stage/stage.js';

const PACKAGES = 1000;
const TAGS = 5;

/** What the record of all commits takes on top of the discovery before it, and of one new commit. */
export async function history(stage: Stage): Promise<Result[]> {
  const catalog = await stage.catalog('history', { packages: PACKAGES, tags: TAGS });
  const warmUp = await stage.catalog('history-warm-up', { packages: 50, tags: 2 });
  const [recording, discovering]: [number[], number[]] = [[], []];
  for (let round = 0; round < stage.options.rounds; round += 1) {
    await stage.withPkgserver({ row: 'history' }, ({ api, databaseUrl }) =>
      withClient(databaseUrl, async (client) => {
        await untilRecorded(client, await api.register('warm-up', warmUp.url));
        let id = '';
        discovering.push(await timed(async () => void (id = await api.register('catalog', catalog.url))));
        recording.push(await timed(() => untilRecorded(client, id)));
      }),
    );
  }
  return [
    {
      row: 'history',
      work: `history of ${PACKAGES * TAGS} commits × ${PACKAGES} packages, beside their discovery`,
      unit: 'ms',
      ours: recording,
      native: discovering,
      limit: { of: 'ratio', comparison: '<=', value: 0.25 },
      notes: ['the other side is the discovery before it, by pkgserver'],
    },
  ];
}

async function untilRecorded(client: Client, repositoryId: string): Promise<void> {
  const ended = 'SELECT 1 FROM ref_history WHERE repository_id = $1 AND next IS NULL';
  while ((await client.query(ended, [repositoryId])).rows.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
