import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../../test/support/git-command.js';
import { publishTogether, type PublicationsTimes } from '../native/publications.js';
import type { Result } from '../report/result.js';
import { median, timed } from '../report/statistics.js';
import { figure } from '../report/table.js';
import { Api, type OperationBody } from '../stage/api.js';
import type { Stage } from '../stage/stage.js';

const WARM_UPS = 7;
const CLIENTS = 16;

/** Approves all of these and waits for the last publication; gives the operations. */
export type ApproveAll = (api: Api, ids: readonly string[]) => Promise<OperationBody[]>;

export const approvals = ({ options }: Stage) => (options.quick ? 250 : 1000);

/**
 * Many drafts of one repository approved at once, from the first request to the last publication, beside one fast-import
 * of the same commits and tags and one push of the same refs.
 */
export async function together(stage: Stage): Promise<Result[]> {
  const measured = await measureTogether(stage, 'together', approveOneByOne);
  const notes = [...measured.notes, `${CLIENTS} clients`];
  return [{ ...measured, work: `${approvals(stage)} drafts approved together`, notes }];
}

export async function measureTogether(stage: Stage, row: string, approveAll: ApproveAll): Promise<Result> {
  const count = approvals(stage);
  const rounds = stage.options.quick ? 1 : 3;
  const ours: number[] = [];
  const shares: PublicationsTimes[] = [];
  const pushes: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const name = `${row}-${round}`;
    const native = await stage.catalog(`${name}-native`, shapeOf(count));
    await onProposals(stage, row, name, async (api, ids) => {
      await stage.git.count(true);
      let operations: OperationBody[] = [];
      ours.push(await timed(async () => (operations = await approveAll(api, ids))));
      for (const operation of operations) await api.finished(operation);
      pushes.push((await stage.git.counts()).pushes);
      await stage.git.count(false);
    });
    const mirror = await mkdtemp(join(stage.folder, `${row}-`));
    await git(['clone', '--quiet', '--bare', native.url, mirror]);
    shares.push(await publishTogether(mirror, native.url, native.proposals.slice(0, count)));
  }
  const parts = (['import', 'push'] as const).map(
    (part) => `${part} ${figure(median(shares.map((share) => share[part])))} ms`,
  );
  return {
    row,
    work: row,
    unit: 'ms',
    ours,
    native: shares.map((share) => share.import + share.push),
    limit: { of: 'ratio', comparison: '<=', value: 1.1 },
    notes: [`native: ${parts.join(', ')}`, `${pushes.join(', ')} requests of pushes`],
  };
}

/** A repository with so many proposals, on a server that has published some before. */
export async function onProposals(
  stage: Stage,
  row: string,
  name: string,
  work: (api: Api, ids: string[]) => Promise<void>,
): Promise<void> {
  const catalog = await stage.catalog(name, shapeOf(approvals(stage)));
  await stage.withPkgserver({ row }, async ({ api }) => {
    await api.register(name, catalog.url);
    const ids = (await api.revisions(`repository=${name}&lifecycle=proposed`)).map(({ id }) => id);
    for (const id of ids.splice(0, WARM_UPS)) await api.approve(id);
    await work(api, ids);
  });
}

const shapeOf = (count: number) => ({ packages: 20, tags: 2, proposals: WARM_UPS + count });

export async function approveOneByOne({ url, token }: Api, ids: readonly string[]): Promise<OperationBody[]> {
  const api = new Api(url, token, CLIENTS);
  try {
    const operations: OperationBody[] = [];
    const left = [...ids];
    const client = async () => {
      for (let id = left.pop(); id !== undefined; id = left.pop()) {
        operations.push((await api.startApproval(id)).body);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    for (let open = await api.openOperation(); open !== undefined; open = await api.openOperation()) {
      await api.finished(open);
    }
    return operations;
  } finally {
    await api.close();
  }
}
