import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/**
 * Runs test/soak: `npm run soak -- --minutes 10 --seed 7`. `--acts N` stops after so many acts; `--shrink` looks, for a seed that
 * fails, for the fewest acts that still fail.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    acts: { type: 'string' },
    shrink: { type: 'boolean', default: false },
  },
});

/** Whether a soak of so many acts keeps every promise. */
function holds(acts) {
  const limit = acts === undefined ? {} : { SOAK_ACTS: String(acts) };
  const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'soak'], {
    env: { ...process.env, SOAK_MINUTES: values.minutes, SOAK_SEED: values.seed, ...limit },
    stdio: 'inherit',
  });
  return status === 0;
}

if (!values.shrink) process.exit(holds(values.acts) ? 0 : 1);

const most = Number(values.acts);
if (!Number.isInteger(most)) throw new Error('--shrink begins with the --acts of a run that has failed.');
// A run that passes by luck only makes the answer longer: every number that is given has failed.
let [passed, failed] = [0, most];
if (holds(most))
  throw new Error(`A run of ${most} acts has passed: a failure that comes and goes is run again as it is.`);
while (failed - passed > Math.max(1, failed / 20)) {
  const middle = Math.floor((passed + failed) / 2);
  if (holds(middle)) passed = middle;
  else failed = middle;
}
console.log(
  `The shortest prefix seen to fail: npm run soak -- --minutes ${values.minutes} --seed ${values.seed} --acts ${failed}`,
);
process.exit(1);
