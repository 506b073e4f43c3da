import type { Result } from '../report/result.js';
import { timed } from '../report/statistics.js';
import { Api, type OperationBody } from '../stage/api.js';
import type { Stage } from '../stage/stage.js';

const SINGLES = 5;
const WARM_UPS = 2;
const CLIENTS = 16;

/** Many drafts of one repository approved at once, from the first request to the last publication, beside one alone. */
export async function together(stage: Stage): Promise<Result[]> {
  const { quick } = stage.options;
  const count = quick ? 250 : 1000;
  const rounds = quick ? 1 : 3;
  const ours: number[] = [];
  const native: number[] = [];
  const pushes: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const name = `together-${round}`;
    const shape = { packages: 20, tags: 2, proposals: WARM_UPS + SINGLES + count };
    const catalog = await stage.catalog(name, shape);
    await stage.withPkgserver({ row: 'together' }, async ({ api }) => {
      await api.register(name, catalog.url);
      const ids = (await api.revisions(`repository=${name}&lifecycle=proposed`)).map(({ id }) => id);
      for (const id of ids.splice(0, WARM_UPS)) await api.approve(id);
      for (const id of ids.splice(0, SINGLES)) native.push(await timed(() => api.approve(id)));
      await stage.git.count(true);
      let operations: OperationBody[] = [];
      ours.push(await timed(async () => (operations = await approveAll(api, ids))));
      for (const operation of operations) await api.finished(operation);
      pushes.push((await stage.git.counts()).pushes);
      await stage.git.count(false);
    });
  }
  return [
    {
      row: 'together',
      work: `${count} drafts approved together, beside one`,
      unit: 'ms',
      ours,
      native,
      limit: { of: 'ratio', comparison: '<=', value: 20 },
      notes: [`${pushes.join(', ')} requests of pushes; ${CLIENTS} clients`],
    },
  ];
}

/** Gives the operations, all of which have ended. */
async function approveAll({ url, token }: Api, ids: readonly string[]): Promise<OperationBody[]> {
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
