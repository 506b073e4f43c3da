import { statementsOf } from '../native/statements.js';
import type { Result } from '../report/result.js';
import type { Stage } from '../stage/stage.js';
import { measureLatency } from './reads.js';

const PER_ROUND = 20;

/** What is asked, how long an answer may take, and whether bare SQL is the measure. */
export const SEARCHES: readonly [what: string, query: string, mostMs: number, beside: boolean][] = [
  ['kind and name', 'kind = Deployment AND name = upf-1', 50, true],
  ['label', 'label.app = upf', 50, true],
  ['image', 'image = ghcr.io/example/upf:v1.14', 50, true],
  ['a value anywhere', 'spec.template.spec.containers.args = "--id=774"', 250, false],
  ['a range', 'spec.replicas > 7', 250, false],
  ['a part of a value', 'spec.template.spec.containers.args : "id=77"', 250, false],
  ['what none has', 'spec.none > 1', 250, false],
];

/** Searching a million places of 10,000 objects in 100,000 revisions, beside the same statements by themselves. */
export async function search(stage: Stage): Promise<Result[]> {
  const databaseUrl = await stage.indexed(100_000);
  return stage.withPkgserver({ row: 'search', role: 'api', databaseUrl }, async (pkgserver) => {
    const found: Result[] = [];
    for (const [what, query, mostMs, beside] of SEARCHES) {
      const path = `/search?q=${encodeURIComponent(query)}`;
      const { items } = JSON.parse((await pkgserver.api.bytes(path)).toString()) as { items: unknown[] };
      const cases = await statementsOf(stage.postgres, [path], () => pkgserver.api.bytes(path));
      const times = await measureLatency(
        pkgserver,
        [path],
        cases,
        stage.options.rounds * PER_ROUND,
        beside ? undefined : WARM_UPS,
      );
      const shared = { row: 'search', work: `search by ${what}`, unit: 'ms' as const };
      const notes = [`${items.length} results on the page; ${cases[0]?.length} statement(s) a request`];
      found.push({
        ...shared,
        ours: times.ours,
        native: [],
        limit: { of: 'ours', comparison: '<=', value: mostMs },
        notes,
      });
      if (!beside) continue;
      const limit = { of: 'ratio', comparison: '<=', value: 2 } as const;
      found.push({ ...shared, ...times, work: `search by ${what}, beside its SQL`, limit, notes: [] });
    }
    return found;
  });
}

/** As often is asked before it is timed where nothing is beside it: the process is warm by then, but for the statement. */
const WARM_UPS = 200;
