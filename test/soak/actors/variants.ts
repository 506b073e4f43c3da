import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Client } from '../../chaos/client.js';
import type { Evidence } from '../../chaos/evidence.js';
import type { WorldRepository } from '../../chaos/world.js';
import { configMap } from '../../support/steps.js';
import { approve, endOf } from '../drafting.js';
import { evidenceOf, type Guest, type Stage } from '../stage.js';

const TARGETS = ['edge-1', 'edge-2', 'edge-3'];
/** What tells of a new version may be found by a look around only, which is taken every half minute. */
const SETTLED_WITHIN_MS = 90_000;

interface Publication {
  revisionId: string;
  operationId: string;
}

/** Somebody who publishes versions of a blueprint, of which every variant keeps one draft. */
export class Blueprints implements Guest {
  readonly kind = 'blueprint';
  readonly weight = 1;
  private count = 0;
  private latest: { id: string; value: string } | undefined;
  private waiting: (Publication & { value: string }) | undefined;
  private variants: string[] = [];

  private constructor(
    private readonly catalog: WorldRepository,
    private readonly sites: WorldRepository,
    private readonly client: Client,
  ) {}

  static async create(stage: Stage): Promise<Blueprints> {
    const policy = { selfApproval: true };
    const [catalog, sites] = [await stage.open('plans', policy), await stage.open('sites', policy, true)];
    const blueprints = new Blueprints(catalog, sites, await stage.client('planner'));
    await blueprints.publish();
    await blueprints.see(60);
    const steps = await stage.steps('planner');
    const packageId = await blueprints.packageId();
    for (const target of TARGETS) {
      const downstream = { repositoryId: sites.id, target, package: 'plan' };
      const body = { name: `${target}-${stage.round}`, upstream: { packageId }, downstream };
      blueprints.variants.push((await steps.expect(201, 'POST', '/variants', body)).body.id as string);
    }
    return blueprints;
  }

  async act(): Promise<void> {
    await this.see(1);
    if (!this.waiting) await this.publish();
  }

  async settle(): Promise<void> {
    await this.see(60);
    for (const end = Date.now() + SETTLED_WITHIN_MS; Date.now() < end; await sleep(500)) {
      const drafts = await Promise.all(this.variants.map((id) => this.draftOf(id)));
      if (drafts.every((draft) => this.isUpToDate(draft))) return;
    }
  }

  async check(all: readonly Evidence[]): Promise<string[]> {
    const { revisions } = evidenceOf(all, this.sites);
    const faults: string[] = [];
    for (const id of this.variants) {
      const variant = await this.client.get(`/variants/${id}`);
      const drafts = [...revisions.values()].filter(({ packageId }) => packageId === variant.body.packageId);
      if (drafts.length !== 1) faults.push(`variants: ${id} has ${drafts.length} drafts`);
      const draft = await this.draftOf(id);
      const file = draft?.body.files?.['config.yaml']?.content;
      if (!this.isUpToDate(draft)) faults.push(`variants: ${id} holds ${file}; the latest is ${this.latest?.value}`);
      await this.client.once('DELETE', `/variants/${id}`, '*');
    }
    return faults;
  }

  private isUpToDate(draft: Answer | null): boolean {
    const file = draft?.body.files?.['config.yaml']?.content;
    return this.latest !== undefined && file?.includes(`value: ${this.latest.value}\n`) === true;
  }

  private async draftOf(variantId: string): Promise<Answer | null> {
    const { body } = await this.client.get(`/variants/${variantId}`);
    const draft = body.draftId as string | null | undefined;
    return draft ? this.client.get(`/package-revisions/${draft}/resources`) : null;
  }

  private async packageId(): Promise<string> {
    return (await this.client.get(`/package-revisions/${this.latest?.id}`)).body.packageId;
  }

  /** As far as its approval; {@link see} tells how it went. */
  private async publish(): Promise<void> {
    this.count += 1;
    const { latest } = this;
    const source = latest ? { type: 'copy', revisionId: latest.id } : { type: 'init' };
    const place = { repositoryId: this.catalog.id, package: 'plan', workspace: `w${this.count}` };
    const created = await this.client.post('/package-revisions', { ...place, source });
    if (created.status !== 201) return;
    const { id } = created.body;
    const value = `v${this.count}`;
    const files = { 'config.yaml': configMap('plan', value) };
    const edited = await this.client.once('PATCH', `/package-revisions/${id}/resources`, '*', { files });
    if (edited.status !== 200) return;
    await this.client.post(`/package-revisions/${id}/propose`);
    const answer = await approve(this.client, await this.client.get(`/package-revisions/${id}`));
    if (answer.status === 202) this.waiting = { revisionId: id, operationId: answer.body.id, value };
  }

  private async see(seconds: number): Promise<void> {
    if (!this.waiting) return;
    const { operationId, revisionId, value } = this.waiting;
    const end = await endOf(this.client, operationId, seconds);
    if (end?.body.state === 'succeeded') this.latest = { id: revisionId, value };
    if (end) this.waiting = undefined;
  }
}
