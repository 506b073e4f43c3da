import type { Client } from '../../chaos/client.js';
import type { Evidence } from '../../chaos/evidence.js';
import type { WorldRepository } from '../../chaos/world.js';
import { type Fleet, makeFleet } from '../../support/campaigns.js';
import { evidenceOf, type Guest, type Stage } from '../stage.js';

const NAMES = Array.from({ length: 6 }, (_, index) => `edge-${index}/web`);
const SETTLED_WITHIN_MS = 90_000;

/** A campaign in waves, and the one that takes it back. */
export class Rollout implements Guest {
  readonly kind = 'campaign';
  readonly weight = 3;
  private readonly ids: string[] = [];
  private readonly faults: string[] = [];

  private constructor(
    private readonly fleet: Fleet,
    private readonly repository: WorldRepository,
    private readonly manager: Client,
    private readonly approver: Client,
    private readonly name: string,
  ) {}

  static async create(stage: Stage): Promise<Rollout> {
    const root = await stage.steps('rollout');
    const fleet = await makeFleet({ git: stage, root }, NAMES);
    const { id, catalog, place } = fleet;
    stage.keep({ ...catalog, deployment: false, directory: '' });
    const repository = stage.keep({ ...place, id, deployment: true, directory: '' });
    const [manager, approver] = [await stage.client('rollout'), await stage.client('rollout-approver')];
    return new Rollout(fleet, repository, manager, approver, `rollout-${stage.round}`);
  }

  /** The next step, as far as it can be taken by now. */
  async act(): Promise<void> {
    const [first, back] = [await this.state(0), await this.state(1)];
    if (first === null) return this.begin();
    if (first.state !== 'finished') return this.push(first);
    if (back === null) return this.takeBack();
    return this.push(back);
  }

  async settle(): Promise<void> {
    for (const end = Date.now() + SETTLED_WITHIN_MS; Date.now() < end;) {
      await this.act();
      if ((await this.state(1))?.state === 'finished') return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async check(all: readonly Evidence[]): Promise<string[]> {
    const { git } = evidenceOf(all, this.repository);
    const faults = [...this.faults];
    for (const [index, id] of this.ids.entries()) {
      const state = await this.state(index);
      if (state?.state !== 'finished') faults.push(`campaigns: ${id} does not end: ${JSON.stringify(state)}`);
    }
    if (this.ids.length < 2) faults.push(`campaigns: ${this.name} was not brought to its end`);
    const tags = [...git.refs.keys()].filter((ref) => ref.startsWith('refs/tags/')).sort();
    const due = NAMES.flatMap((name) => ['v1', 'v2', 'v3'].map((revision) => `refs/tags/${name}/${revision}`));
    if (tags.join() !== due.join()) faults.push(`campaigns: the tags are ${tags.join()}`);
    const treeOf = (name: string, revision: string) => {
      const commit = git.peel(git.refs.get(`refs/tags/${name}/${revision}`) ?? '');
      return commit === null ? null : git.treeAt(commit, name);
    };
    for (const name of NAMES) {
      const [before, between, after] = ['v1', 'v2', 'v3'].map((revision) => treeOf(name, revision));
      if (before !== after || before === between) {
        faults.push(`campaigns: ${name} was ${before}, became ${between}, and was taken back to ${after}`);
      }
    }
    return faults;
  }

  private async begin(): Promise<void> {
    const { status, body } = await this.manager.post('/campaigns', {
      ...{ name: this.name, change: { type: 'upgrade', to: { revisionId: this.fleet.second } } },
      selection: { filter: { repositoryId: this.fleet.id } },
      waves: [
        { name: 'first', count: 2, maxParallel: 2 },
        { name: 'rest', maxParallel: 3 },
      ],
    });
    this.note(status, body);
  }

  private async takeBack(): Promise<void> {
    const { status, body } = await this.manager.post(`/campaigns/${this.ids[0]}/rollback`, {
      name: `${this.name}-back`,
    });
    this.note(status, body);
  }

  private note(status: number, body: { id: string }): void {
    if (status === 201) this.ids.push(body.id);
    else if (status !== 0) this.faults.push(`campaigns: ${this.name} was answered ${status}: ${JSON.stringify(body)}`);
  }

  private async state(index: number): Promise<{ id: string; state: string; plan: { digest: string } | null } | null> {
    const id = this.ids[index];
    if (id === undefined) return null;
    const { status, body } = await this.manager.get(`/campaigns/${id}`);
    const { state, plan } = body as unknown as { state: string; plan: { digest: string } | null };
    return status === 200 ? { id, state, plan } : { id, state: `unknown (${status})`, plan: null };
  }

  private async push({
    id,
    state,
    plan,
  }: {
    id: string;
    state: string;
    plan: { digest: string } | null;
  }): Promise<void> {
    const path = `/campaigns/${id}`;
    if (state === 'draft') await this.manager.post(`${path}/plan`);
    if (state === 'planned') await this.approver.post(`${path}/approve`, {}, { 'If-Match': `"${plan?.digest}"` });
    if (state === 'approved') await this.manager.post(`${path}/start`);
    if (state === 'paused') await this.manager.post(`${path}/resume`);
  }
}
