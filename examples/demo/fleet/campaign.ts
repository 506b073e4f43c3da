import type { ApiClient, Page, Problem } from '../api-client.js';
import { counted, terminal } from '../terminal.js';
import { until } from '../until.js';

interface Campaign {
  id: string;
  state: string;
  reason: { code: string } | null;
  plan: { digest: string; requiredApprovals: number } | null;
  waves: { name: string; state: string; counts: Record<string, number> }[];
  progress: { counts: Record<string, number> };
}
interface Side {
  value?: unknown;
}
interface Item {
  id: string;
  path: string;
  etag: string;
  conflicts: {
    id: string;
    object: { kind: string; name: string };
    path: string;
    base: Side;
    ours: Side;
    theirs: Side;
  }[];
}

/** Gives its id. */
export async function makeCampaign(api: ApiClient, revisionId: string): Promise<string> {
  const body = {
    name: 'web-v2',
    change: { type: 'upgrade', to: { revisionId } },
    selection: { filter: { upstreamState: ['behind'] } },
    waves: [
      { name: 'development', labelSelector: 'environment=development', maxParallel: 5 },
      {
        ...{ name: 'staging', labelSelector: 'environment=staging', maxParallel: 5 },
        gate: { minHealthyPercent: 100 },
      },
      { name: 'production', maxParallel: 10, approval: 'manual' },
    ],
    budget: { maxFailures: 0, maxUnhealthy: 1 },
  };
  const { status, body: made } = await api.send<Campaign>('POST', '/campaigns', { as: 'alice', body, expect: 201 });
  terminal.answer(status, made.state);
  return made.id;
}

/** The campaign, and what people do with it. */
export class CampaignSteps {
  private readonly path: string;

  constructor(
    private readonly api: ApiClient,
    private readonly signal: AbortSignal,
    id: string,
  ) {
    this.path = `/campaigns/${id}`;
  }

  async plan(): Promise<void> {
    await this.api.send('POST', `${this.path}/plan`, { as: 'alice', wait: true, expect: 200 });
    const { status, body } = await this.api.send<Campaign>('GET', this.path, { as: 'alice' });
    terminal.answer(status, `${body.state}: ${counted(body.progress.counts)}`);
    terminal.table(body.waves.map(({ name, counts }) => [name, counted(counts)]));
  }

  async settleConflict(): Promise<void> {
    const list = await this.api.send<Page<Item>>('GET', `${this.path}/items?state=conflicted`, { as: 'alice' });
    const [found] = list.body.items;
    if (!found) throw new Error('Nothing is in conflict.');
    const item = await this.api.peek<Item>(`${this.path}/items/${found.id}`);
    const [conflict] = item.conflicts;
    if (!conflict) throw new Error(`${item.path} lists no conflict.`);
    const { object, path, base, ours, theirs } = conflict;
    terminal.answer(list.status, `${item.path}: ${object.kind}/${object.name} ${path}`);
    const shown = (side: Side): string => String(side.value ?? 'not there');
    terminal.table([
      ['was', shown(base)],
      ['here', shown(ours)],
      ['new', shown(theirs)],
    ]);
    const body = { resolutions: { [conflict.id]: { take: 'theirs' } } };
    const call = { as: 'alice', ifMatch: `"${item.etag}"`, body, expect: 200 };
    const { status, body: settled } = await this.api.send<{ state: string }>(
      'PATCH',
      `${this.path}/items/${item.id}`,
      call,
    );
    terminal.answer(status, settled.state);
  }

  async approve(): Promise<void> {
    const { plan } = await this.api.peek<Campaign>(this.path);
    const ifMatch = `"${plan?.digest}"`;
    const own = await this.api.send<Problem>('POST', `${this.path}/approve`, { as: 'alice', ifMatch, expect: 403 });
    terminal.answer(own.status, `${own.body.title} (${own.body.code}): ${own.body.detail}`);
    const { status, body } = await this.api.send<Campaign>('POST', `${this.path}/approve`, {
      as: 'bob',
      ifMatch,
      expect: 200,
    });
    terminal.answer(status, body.state);
  }

  async act(action: string, expect: number): Promise<void> {
    const { status } = await this.api.send('POST', `${this.path}/${action}`, { as: 'alice', expect });
    const { state } = await this.api.peek<Campaign>(this.path);
    terminal.answer(status, state);
  }

  /** Prints what moves meanwhile. */
  async until(state: string): Promise<void> {
    let last = '';
    await until(this.signal, async () => {
      const campaign = await this.api.peek<Campaign>(this.path);
      const { reason, waves } = campaign;
      const moving = waves
        .filter((wave) => wave.state !== 'pending')
        .map((wave) => `${wave.name} ${wave.state} (${counted(wave.counts)})`);
      const line = [campaign.state, reason && `because of ${reason.code}`, ...moving].filter(Boolean).join(' · ');
      if (line !== last) terminal.lines([line]);
      last = line;
      if (['aborted', 'finished'].includes(campaign.state) && campaign.state !== state)
        throw new Error(`The campaign ${line}`);
      return campaign.state === state;
    });
  }

  async showEnd(): Promise<void> {
    const { status, body } = await this.api.send<Campaign>('GET', this.path, { as: 'bob' });
    terminal.answer(status, `${body.state}: ${counted(body.progress.counts)}`);
  }
}
