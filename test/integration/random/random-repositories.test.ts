import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEngine, type TestEngine } from '../../support/engine.js';
import { GitServer } from '../../support/git-server.js';
import { Random } from '../../support/random.js';
import { Run } from './run.js';

/**
 * Random repositories, with random work of ours and of people with native Git on them: whatever there is, nothing of others
 * is undone, what is written is sound, and the index is what Git holds. A few with each run of the suite;
 * `RANDOM_COUNT=2000 RANDOM_SEED=n npx vitest run --project integration test/integration/random` tries more, and
 * `RANDOM_COUNT=1` with the seed of a failure that one again.
 */
const COUNT = Number(process.env.RANDOM_COUNT ?? 8);
/** The same in each run of the suite, so that what fails there fails by what was changed. */
const SEED = Number(process.env.RANDOM_SEED ?? 100_000);
/** They share nothing but the database; one waits for Git while another computes. */
const AT_ONCE = 3;
const MOST_FAULTS = 5;

let server: GitServer;
let engine: TestEngine;

beforeAll(async () => {
  server = await GitServer.start();
  engine = await startEngine();
});
afterAll(async () => {
  await engine?.close();
  await server?.stop();
});

it(
  `keeps its promises in ${COUNT} random repositories (seed ${SEED})`,
  { timeout: 60_000 + COUNT * 10_000 },
  async () => {
    const outcomes = new Map<string, number>();
    const failed: string[] = [];
    const play = async (seed: number) => {
      const run = await Run.begin(server, engine, new Random(seed));
      const faults = await run.play();
      for (const [what, count] of run.outcomes) outcomes.set(what, (outcomes.get(what) ?? 0) + count);
      if (faults.length === 0) return;
      failed.push(`RANDOM_SEED=${seed} RANDOM_COUNT=1\n${faults.join('\n')}\n  ${run.log.join('\n  ')}`);
      // At once: a long run says early what it has found.
      console.log(failed.at(-1));
    };
    let next = SEED;
    const worker = async () => {
      while (next < SEED + COUNT && failed.length < MOST_FAULTS) await play(next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (process.env.RANDOM_COUNT) console.log(Object.fromEntries([...outcomes].sort()));
    expect(failed).toEqual([]);
  },
);
