import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { mergePackage } from '../../src/krm/merge/merge-package.js';
import { DEFAULT_YAML_LIMITS as limits } from '../../src/krm/yaml-limits.js';
import { deployments, released, tuned } from '../data/deployments.js';
import { Random } from '../data/random.js';

/** js-yaml's CommonJS build: on Node 20 it is the faster one. */
const { loadAll } = createRequire(import.meta.url)('js-yaml') as typeof import('js-yaml');

export interface MergeJob {
  objects: number;
  rounds: number;
  warmUps: number;
  seed: number;
}

/** Milliseconds of CPU of each round, and what its merge has told. */
export interface MergeTimes {
  merges: number[];
  parses: number[];
  taken: number;
  kept: number;
  conflicts: number;
}

/** Milliseconds of CPU that this process has used: others use the machine as well. */
function cpuNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

type Files = Record<string, string>;

const entriesOf = (files: Files) =>
  Object.entries(files).map(([path, text]) => {
    const content = Buffer.from(text);
    const oid = createHash('sha1').update(content).digest('hex');
    return { path, mode: '100644', oid, content, rawPath: null };
  });

/** Merges packages of which every object was changed on both sides, and parses the same texts: one after the other, each once. */
process.on('message', ({ objects, rounds, warmUps, seed }: MergeJob) => {
  const random = new Random(seed);
  const times: MergeTimes = { merges: [], parses: [], taken: 0, kept: 0, conflicts: 0 };
  for (let round = -warmUps; round < rounds; round += 1) {
    const base = deployments(objects, random);
    const [ours, theirs] = [tuned(base, random), released(base, random)];
    const versions = { base: entriesOf(base), ours: entriesOf(ours), theirs: entriesOf(theirs) };
    const request = {
      ...({ strategy: 'resource-merge', origin: null, trees: `${round}` } as const),
      ...{ resolutions: {}, defaultResolution: {}, secretsKey: 'key' },
    };
    const begin = cpuNow();
    const merged = mergePackage(versions, request, { limits, definitions: [] });
    const end = cpuNow();
    for (const files of [base, ours, theirs]) for (const text of Object.values(files)) loadAll(text);
    const parsed = cpuNow();
    if (round < 0) continue;
    times.merges.push(end - begin);
    times.parses.push(parsed - end);
    for (const told of ['taken', 'kept', 'conflicts'] as const) times[told] += merged[told].length / rounds;
  }
  process.send?.(times, undefined, undefined, () => process.disconnect());
});
