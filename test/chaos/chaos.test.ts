import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRedis } from '../support/redis.js';
import { Cluster, type QueueBackend } from './cluster.js';
import { newFigures, report } from './figures.js';
import { runSeed } from './seed-run.js';

const DEFAULT_SEEDS = 3;

const { CHAOS_SEED, CHAOS_SEEDS } = process.env;
const first = Number(CHAOS_SEED ?? 1);
const count = Number(CHAOS_SEEDS ?? (CHAOS_SEED === undefined ? DEFAULT_SEEDS : 1));
const seeds = Array.from({ length: count }, (_, index) => first + index);
/** Every other one; all on PostgreSQL where there is no Redis. */
const queueOf = (seed: number): QueueBackend => (hasRedis && seed % 2 === 0 ? 'redis' : 'postgres');
const parts = (['postgres', 'redis'] as const)
  .map((queue) => ({ queue, seeds: seeds.filter((seed) => queueOf(seed) === queue) }))
  .filter((part) => part.seeds.length > 0);

/**
 * The promises of docs/architecture.md under everything at once: several clients, two workers, somebody who pushes with
 * native git, kill -9, and connections that break. A seed fixes every decision, though not the moments in which the
 * processes meet: one that failed may have to run more than once to fail again.
 */
describe.each(parts)('chaos, with the queue on $queue', ({ queue, seeds }) => {
  const figures = newFigures();
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start({ queue, names: ['api-1', 'worker-1', 'worker-2'] });
  }, 120_000);
  afterAll(async () => {
    if (!cluster) return;
    console.log(`queue on ${queue}: ${report(figures, cluster)}`);
    await cluster.stop();
  }, 60_000);

  it.each(seeds)(
    'seed %i leaves every invariant true',
    async (seed) => {
      const faults = await runSeed(cluster, seed, figures);
      // At once: a long run says early what it has found.
      if (faults.length > 0) console.log(`seed ${seed}:\n${faults.join('\n')}`);
      expect(faults, `CHAOS_SEED=${seed} npm run test:chaos repeats it`).toEqual([]);
    },
    180_000,
  );
});
