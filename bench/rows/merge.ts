import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { MergeJob, MergeTimes } from '../native/merge-child.js';
import type { Result } from '../report/result.js';
import { figure } from '../report/table.js';
import type { Stage } from '../stage/stage.js';

const OBJECTS = 20;
const PER_ROUND = 40;
/** Until then V8 compiles. */
const WARM_UPS = 60;

/** The merge of three versions of 20 objects, each of which both sides have changed, beside parsing the three. */
export async function merge({ options }: Stage): Promise<Result[]> {
  const child = fork(join(import.meta.dirname, '../native/merge-child.js'), { execArgv: [] });
  const answer = once(child, 'message');
  const rounds = options.rounds * PER_ROUND;
  child.send({ objects: OBJECTS, rounds, warmUps: WARM_UPS, seed: options.seed } satisfies MergeJob);
  const [{ merges, parses, taken, kept, conflicts }] = (await answer) as [MergeTimes];
  return [
    {
      ...{ row: 'merge', unit: 'ms', ours: merges, native: parses },
      work: `merge of three versions of ${OBJECTS} objects, all changed on both sides`,
      limit: { of: 'ratio', comparison: '<=', value: 4 },
      notes: [
        'the other side is parsing the three versions with js-yaml (CommonJS)',
        `${figure(taken)} changes taken, ${figure(kept)} kept, ${figure(conflicts)} conflicts`,
      ],
    },
  ];
}
