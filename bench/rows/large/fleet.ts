import type { Result } from '../../report/result.js';
import { timed } from '../../report/statistics.js';
import type { Stage } from '../../stage/stage.js';
import { filledFleet } from '../fleet-views.js';
import { slopes, type Work } from './slopes.js';

const TARGETS = 1_000;
const WARM_UPS = 20;
const PER_ROUND = 4;
/** What counts all packages of the fleet, or shows a page that a tenth of it does not fill. */
const GROWING = [
  'by target, a page of 500',
  'by a label',
  'by upstream',
  'by repository',
  'matrix of a blueprint, a page of 500',
];

/** What runs where, over targets of 20 packages each, made from 50 blueprints with up to 5 versions behind. */
export const largeFleet = (stage: Stage): Promise<Result[]> =>
  slopes('large-fleet', TARGETS, async (targets) => {
    const { databaseUrl, views } = await filledFleet(stage, targets);
    return stage.withPkgserver({ row: 'large-fleet', role: 'api', databaseUrl }, async (pkgserver) => {
      const found: Work[] = [];
      for (const [what, path] of Object.entries(views)) {
        const values: number[] = [];
        for (let warmUp = 0; warmUp < WARM_UPS; warmUp += 1) await pkgserver.api.bytes(path);
        for (let round = 0; round < stage.options.rounds * PER_ROUND; round += 1) {
          values.push(await timed(() => pkgserver.api.bytes(path)));
        }
        found.push({ work: `large-fleet: ${what}`, values, grows: GROWING.includes(what) });
      }
      const { peak } = await pkgserver.memory();
      return [...found, { work: 'large-fleet: memory', unit: 'MiB', values: [peak / 2 ** 20], grows: false }];
    });
  });
