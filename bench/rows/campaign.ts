import type { Result } from '../report/result.js';
import { timed } from '../report/statistics.js';
import { Api, type OperationBody } from '../stage/api.js';
import type { Stage } from '../stage/stage.js';
import { approveByOne } from './bulk.js';
import { approvals, onProposals } from './together.js';

const WAVES = 10;

interface CampaignBody {
  id: string;
  plan: { digest: string } | null;
  progress: { counts: { done: number } };
}

/** A campaign over proposals, from its start to the end of its last wave, beside one bulk request that approves as many. */
export async function campaign(stage: Stage): Promise<Result[]> {
  const rounds = stage.options.quick ? 1 : 3;
  const [ours, native, plans]: number[][] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    await onProposals(stage, 'campaign', `campaign-${round}`, async (api, ids) => {
      const started = await prepared(api, ids, round, (ms) => plans?.push(ms));
      ours?.push(await timed(() => started(ids.length)));
    });
    await onProposals(stage, 'campaign', `campaign-${round}-bulk`, async (api, ids) => {
      native?.push(await timed(() => approveByOne(api, ids)));
    });
  }
  const plan = (plans ?? []).map((ms) => Math.round(ms)).join(', ');
  return [
    {
      row: 'campaign',
      work: `a campaign of ${approvals(stage)} in ${WAVES} waves, beside one bulk request`,
      unit: 'ms',
      ours: ours ?? [],
      native: native ?? [],
      limit: { of: 'ratio', comparison: '<=', value: 3 },
      notes: [`planned in ${plan} ms before that`],
    },
  ];
}

/** A campaign that is planned, and approved by somebody else; gives how it is carried out. */
async function prepared(
  api: Api,
  revisionIds: readonly string[],
  round: number,
  planned: (ms: number) => void,
): Promise<(count: number) => Promise<void>> {
  const size = Math.ceil(revisionIds.length / WAVES);
  const waves = Array.from({ length: WAVES }, (_, at) => ({ name: `wave ${at}`, count: size, maxParallel: size }));
  const change = { type: 'publishDrafts' };
  const body = { name: `bench-${round}`, change, selection: { revisionIds }, waves };
  const { body: made } = await api.send<CampaignBody>('POST', '/campaigns', body);
  const path = `/campaigns/${made.id}`;
  planned(
    await timed(async () => {
      await api.finished((await api.send<OperationBody>('POST', `${path}/plan`)).body);
    }),
  );
  const { body: plan } = await api.send<CampaignBody>('GET', path);
  const subject = { type: 'user', name: 'approver' };
  await api.send('POST', '/role-bindings', { role: 'admin', subject });
  const token = await api.send<{ token: string }>('POST', '/api-tokens', { description: 'bench', user: 'approver' });
  const approver = new Api(api.url, token.body.token, 1);
  await approver.send('POST', `${path}/approve`, {}, { 'If-Match': `"${plan.plan?.digest}"` });
  await approver.close();
  return async (count) => {
    await api.finished((await api.send<OperationBody>('POST', `${path}/start`)).body);
    const { body: ended } = await api.send<CampaignBody>('GET', path);
    if (ended.progress.counts.done !== count) throw new Error(`Not all: ${JSON.stringify(ended.progress)}`);
  };
}
