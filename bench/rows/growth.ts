import type { Result } from '../report/result.js';
import { alternate, timed } from '../report/statistics.js';
import { git } from '../../test/support/git-command.js';
import { statementsOf } from '../native/statements.js';
import type { Stage } from '../stage/stage.js';
import { LISTS, measureLatency } from './reads.js';

const TAGS_PER_PACKAGE = 50;
const ROUNDS = 10;

/** How times and memory grow with what there is; for information. */
export async function growth(stage: Stage): Promise<Result[]> {
  const { quick, full } = stage.options;
  const found: Result[] = [];
  const tags = quick ? [1000, 5000] : [1000, 10_000, 50_000, ...(full ? [100_000] : [])];
  for (const refs of tags) found.push(...(await syncOf(stage, refs)));
  for (const revisions of quick ? [1000, 10_000] : [1000, 10_000, 100_000]) {
    found.push(...(await listOf(stage, revisions)));
  }
  return found;
}

/** A repository of so many tags: its first sync, and one that finds nothing new. */
async function syncOf(stage: Stage, refs: number): Promise<Result[]> {
  const name = `growth-${refs}`;
  const catalog = await stage.catalog(name, { packages: refs / TAGS_PER_PACKAGE, tags: TAGS_PER_PACKAGE });
  return stage.withPkgserver({ row: 'growth' }, async (pkgserver) => {
    let id = '';
    const first = await timed(async () => (id = await pkgserver.api.register(name, catalog.url)));
    const { peak } = await pkgserver.memory();
    const times = await alternate(
      ROUNDS,
      () => timed(() => pkgserver.api.sync(id)),
      () => timed(() => git(['ls-remote', catalog.url])),
    );
    const held = `${Math.round(peak / 2 ** 20)} MiB held at the most`;
    return [
      { row: 'growth', work: `first sync of ${refs} tags`, unit: 'ms', ours: [first], native: [], notes: [held] },
      { row: 'growth', work: `sync with nothing changed, ${refs} tags`, unit: 'ms', ...times, notes: [] },
    ];
  });
}

async function listOf(stage: Stage, revisions: number): Promise<Result[]> {
  const databaseUrl = await stage.indexed(revisions);
  return stage.withPkgserver({ row: 'growth', role: 'api', databaseUrl }, async (pkgserver) => {
    const found: Result[] = [];
    for (const [what, path] of Object.entries(LISTS)) {
      const cases = await statementsOf(stage.postgres, [path], () => pkgserver.api.bytes(path));
      const times = await measureLatency(pkgserver, [path], cases, ROUNDS * 4);
      found.push({ row: 'growth', work: `list page ${what}, of ${revisions}`, unit: 'ms', ...times, notes: [] });
    }
    const { peak } = await pkgserver.memory();
    found.push({
      ...{ row: 'growth', work: `memory while lists of ${revisions} are read`, unit: 'MiB' as const },
      ...{ ours: [peak / 2 ** 20], native: [], notes: [] },
    });
    return found;
  });
}
