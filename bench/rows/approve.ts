import { NativePublisher, type PublicationTimes } from '../native/publication.js';
import type { Result } from '../report/result.js';
import { median, timed } from '../report/statistics.js';
import { figure } from '../report/table.js';
import type { Api } from '../stage/api.js';
import { operationTimes } from '../stage/operation-times.js';
import type { Stage } from '../stage/stage.js';

/** Existing revisions of the repository in which is approved. */
const SIZES = [0, 500, 1000, 2000];
const PER_ROUND = 4;
const WARM_UPS = 2;

/** From the request to approve until the tag is on the remote, beside Git's plumbing and one atomic push. */
export async function approve(stage: Stage): Promise<Result[]> {
  const count = stage.options.rounds * PER_ROUND;
  return stage.withPkgserver({ row: 'approve' }, async ({ api, databaseUrl }) => {
    const series: Series[] = [];
    for (const size of SIZES) series.push(await Series.prepare(stage, api, size, WARM_UPS + count));
    // All sizes in turn, so that a slow moment of the machine is nobody's alone.
    for (let round = 0; round < WARM_UPS + count; round += 1) {
      for (const one of series) await one.play(api, round);
    }
    const [smallest, largest] = [series[0] as Series, series.at(-1) as Series];
    const growth = (side: 'ours' | 'native') => median(largest.times[side]) / median(smallest.times[side]);
    const found = series.map((one) => one.result());
    found[0]?.notes.push(await operationTimes(databaseUrl, 'publish'));
    found.push({
      row: 'approve',
      work: 'approve grows from 0 to 2000 revisions, beside how native Git grows',
      unit: '×',
      ours: [growth('ours')],
      native: [growth('native')],
      limit: { of: 'ratio', comparison: '<=', value: 1.1 },
      notes: [],
    });
    return found;
  });
}

/** Approvals in one repository: ours in one copy of it, native Git's in another. */
class Series {
  readonly times = { ours: [] as number[], native: [] as number[] };
  private readonly shares: PublicationTimes[] = [];

  private constructor(
    private readonly size: number,
    private readonly publisher: NativePublisher,
    private readonly folders: readonly string[],
    private readonly ids: ReadonlyMap<string, string>,
  ) {}

  static async prepare(stage: Stage, api: Api, size: number, proposals: number): Promise<Series> {
    const shape = { packages: Math.min(size, 10 * Math.ceil(size / 50)), tags: size === 0 ? 0 : 5, proposals };
    const ours = await stage.catalog(`approve-${size}`, shape);
    const native = await stage.catalog(`approve-${size}-native`, shape);
    await api.register(`approve-${size}`, ours.url);
    const found = await api.revisions(`repository=approve-${size}&lifecycle=proposed`);
    const ids = new Map(found.map(({ path, id }) => [path, id]));
    return new Series(size, await NativePublisher.clone(stage.folder, native.url), ours.proposals, ids);
  }

  async play(api: Api, round: number): Promise<void> {
    const folder = this.folders[round] as string;
    const id = this.ids.get(folder);
    if (id === undefined) throw new Error(`The proposal of ${folder} was not found.`);
    const ours = async () => timed(() => api.approve(id));
    const first = round % 2 === 0 ? await ours() : undefined;
    const share = await this.publisher.publish(folder);
    const time = first ?? (await ours());
    if (round < WARM_UPS) return;
    this.times.ours.push(time);
    this.times.native.push(share.tree + share.commit + share.push);
    this.shares.push(share);
  }

  result(): Result {
    const parts = (['tree', 'commit', 'push'] as const).map(
      (part) => `${part} ${figure(median(this.shares.map((share) => share[part])))} ms`,
    );
    return {
      row: 'approve',
      work: `approve → tag on the remote, ${this.size} revisions`,
      unit: 'ms',
      ...this.times,
      limit: { of: 'ratio', comparison: '<=', value: 1.1 },
      notes: [`native: ${parts.join(', ')}`],
    };
  }
}
