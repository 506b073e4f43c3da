import type { Result } from './report/result.js';
import { approve } from './rows/approve.js';
import { discovery } from './rows/discovery.js';
import { sync } from './rows/sync.js';
import type { Stage } from './stage/stage.js';

export interface Row {
  run: (stage: Stage) => Promise<Result[]>;
  skippedWhenQuick?: boolean;
}

/** All rows, in the order in which they run. */
export const ROWS: Record<string, Row> = {
  discovery: { run: discovery },
  sync: { run: sync },
  approve: { run: approve },
};
