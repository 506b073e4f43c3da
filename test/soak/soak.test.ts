import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster } from '../chaos/cluster.js';
import { newFigures, report } from '../chaos/figures.js';
import { hasRedis } from '../support/redis.js';
import { checkEnd } from './bounds.js';
import { readOptions } from './options.js';
import { type Round, runRound } from './round.js';

const options = readOptions(process.env);
/** What a round leaves behind is looked at before the next one begins, with repositories of its own. */
const ROUND_MS = 90_000;
/** What comes before and after it takes a minute; this only ends one that hangs. */
const BESIDES_MS = 900_000;
const rounds = Math.ceil(options.milliseconds / ROUND_MS);

const figures = newFigures();
let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start({
    queue: 'postgres',
    names: ['api-1', 'api-2', 'worker-1', 'worker-2'],
    ...{ ownPostgres: true, redis: hasRedis },
    // There are more repositories than in test/chaos, and twice the processes.
    settings: { RETENTION_INTERVAL_SECONDS: '2', SYNC_INTERVAL_SECONDS: '3', SWEEP_INTERVAL_MS: '250' },
  });
}, 180_000);
afterAll(async () => {
  if (!cluster) return;
  console.log(report(figures, cluster));
  await cluster.stop();
}, 120_000);

/**
 * A day in minutes: all kinds of clients and all kinds of faults at once, in rounds on the same processes. After each round
 * every promise is held against Git and against what the clients were told, and what is left against docs/operating.md.
 */
it(
  `a soak of ${options.milliseconds / 1_000} s with the seed ${options.seed} leaves every promise kept`,
  async () => {
    let acts = options.acts;
    for (let index = 0; index < rounds && acts > 0; index += 1) {
      const seed = options.seed + index;
      const milliseconds = Math.min(ROUND_MS, options.milliseconds - index * ROUND_MS);
      const round = await runRound(cluster, { seed, milliseconds, acts }, figures);
      acts -= round.acts;
      expect(round.faults, again(seed, milliseconds, round)).toEqual([]);
    }
    expect(await checkEnd(cluster)).toEqual([]);
  },
  rounds * (ROUND_MS + BESIDES_MS),
);

/** How a round that failed is run alone. */
const again = (seed: number, milliseconds: number, { acts }: Round): string =>
  `npm run soak -- --seed ${seed} --minutes ${(milliseconds / 60_000).toFixed(2)} --acts ${acts} repeats it`;
