import type { Result } from './report/result.js';
import { approve } from './rows/approve.js';
import { blame } from './rows/blame.js';
import { bucket } from './rows/bucket.js';
import { bulk } from './rows/bulk.js';
import { campaign } from './rows/campaign.js';
import { diffs } from './rows/diffs.js';
import { discovery } from './rows/discovery.js';
import { events } from './rows/events.js';
import { fleet } from './rows/fleet.js';
import { fleetViews } from './rows/fleet-views.js';
import { growth } from './rows/growth.js';
import { history } from './rows/history.js';
import { impact } from './rows/impact.js';
import { LARGE } from './rows/large/large.js';
import { merge } from './rows/merge.js';
import { memory } from './rows/memory.js';
import { migrations } from './rows/migrations.js';
import { previews } from './rows/previews.js';
import { reads } from './rows/reads.js';
import { replicas } from './rows/replicas.js';
import { search } from './rows/search.js';
import { save } from './rows/save.js';
import { sync } from './rows/sync.js';
import { together } from './rows/together.js';
import { variants } from './rows/variants.js';
import { webhooks } from './rows/webhooks.js';
import { workers } from './rows/workers.js';
import type { Stage } from './stage/stage.js';

export interface Row {
  run: (stage: Stage) => Promise<Result[]>;
  /** Run only where it is asked for: by its name, or by `--large`. */
  large?: true;
}

/** All rows, in the order in which they run. */
export const ROWS: Record<string, Row> = {
  discovery: { run: discovery },
  history: { run: history },
  sync: { run: sync },
  reads: { run: reads },
  impact: { run: impact },
  'fleet-views': { run: fleetViews },
  search: { run: search },
  save: { run: save },
  diffs: { run: diffs },
  blame: { run: blame },
  merge: { run: merge },
  previews: { run: previews },
  approve: { run: approve },
  together: { run: together },
  bulk: { run: bulk },
  campaign: { run: campaign },
  variants: { run: variants },
  events: { run: events },
  webhooks: { run: webhooks },
  memory: { run: memory },
  migrations: { run: migrations },
  growth: { run: growth },
  fleet: { run: fleet },
  replicas: { run: replicas, large: true },
  workers: { run: workers, large: true },
  bucket: { run: bucket, large: true },
  ...Object.fromEntries(Object.entries(LARGE).map(([name, run]) => [name, { run, large: true as const }])),
};
