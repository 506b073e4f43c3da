import { Injectable } from '@nestjs/common';
import { type Caller, signedIn } from '../../access/caller.js';
import { noteChange } from '../../audit/noted-change.js';
import type { Operation } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import { assertPrecondition, changedMeanwhile, namesEtag, type Precondition } from '../../domain/precondition.js';
import { isSameName } from '../../domain/release-policy.js';
import { uuidv7 } from '../../domain/uuid.js';
import { Outbox } from '../../jobs/outbox.js';
import { currentContext } from '../../logging/request-context.js';
import { CampaignApprovals } from './campaign-approvals.js';
import { CampaignBell } from './campaign-bell.js';
import { campaignEtag } from './campaign-etag.js';
import { CampaignEvents } from './campaign-events.js';
import { CampaignItemStore } from './campaign-item.store.js';
import { assertState, CampaignRights } from './campaign-rights.js';
import type { CampaignRow } from './campaign-row.js';
import { CampaignService, newCampaign, type SeenCampaign } from './campaign.service.js';
import { CampaignStore, type CampaignUpdate } from './campaign.store.js';
import { Planner } from './planner.js';

/** The ways between the states of a campaign; workers do the rest. */
@Injectable()
export class CampaignControlService {
  constructor(
    private readonly campaigns: CampaignStore,
    private readonly items: CampaignItemStore,
    private readonly service: CampaignService,
    private readonly rights: CampaignRights,
    private readonly approvals: CampaignApprovals,
    private readonly planner: Planner,
    private readonly events: CampaignEvents,
    private readonly bell: CampaignBell,
    private readonly outbox: Outbox,
  ) {}

  /**
   * The caller stands for the plan that they have seen, and so for every item of it. Throws `selfApproval` for whoever has made
   * or planned it, `forbidden` where they may not approve every package in it.
   */
  async approve(id: string, caller: Caller, seen: Precondition, comment: string | undefined): Promise<SeenCampaign> {
    const row = found(await this.campaigns.lock(id), 'campaign', id);
    noteChange(id, { before: campaignEtag(row), ...(comment !== undefined && { reason: comment }) });
    assertState(row, ['planned', 'approved']);
    const digest = row.planDigest ?? '';
    for (const place of await this.items.places(id)) caller.assertAllowed('packageRevisions.approve', place);
    if (!namesEtag(seen.ifMatch, digest)) throw changedMeanwhile(digest, `The plan of "${row.name}"`);
    this.approvals.assertNotOwn(row, caller);
    await this.assertPlanned(row);
    const { approvals } = await this.approvals.standing(row, digest);
    if (!approvals.some(({ approvedBy }) => isSameName(approvedBy, caller.user))) {
      const { user: approvedBy, email, groups } = caller;
      await this.campaigns.approve({
        ...{ id: uuidv7(), campaignId: id, planDigest: digest, approvedBy, email, groups: [...groups] },
        ...{ comment: comment ?? null, createdAt: new Date(), voidedAt: null },
      });
      const { missing } = await this.approvals.standing(row, digest);
      const state = missing === 0 ? 'approved' : 'planned';
      await this.change(row, { state });
      await this.events.tell('campaign.approved', { ...row, state });
    }
    return this.service.get(id, caller);
  }

  /** Throws `contentChanged` where the rows are not any more what was approved. */
  async start(id: string, caller: Caller): Promise<Operation> {
    const row = await this.rights.lock(id, caller, ['planned', 'approved']);
    await this.assertPlanned(row);
    const policy = await this.approvals.policyOf(id);
    // Its drafts are the starter's: where authors do not approve, the starter's approval would count for none of them.
    const but = caller.verified && !policy.selfApproval ? caller.user : undefined;
    const { missing, required } = await this.approvals.standing(row, row.planDigest ?? '', but);
    if (missing > 0) {
      const message = `The plan of "${row.name}" needs ${required} approvals of others, ${missing} are missing.`;
      throw new DomainError('stateConflict', message, { state: row.state });
    }
    const operation = await this.outbox.start({
      kind: 'campaign',
      repositoryId: null,
      target: { type: 'Campaign', id, name: row.name },
      payload: { campaignId: id, caller: signedIn(caller), address: currentContext().address },
      requestedBy: caller.user,
    });
    const now = new Date();
    const started = { state: 'running', operationId: operation.id, startedAt: now, startedBy: caller.user } as const;
    await this.change(row, started);
    await this.events.tell('campaign.started', { ...row, ...started });
    return operation;
  }

  /** Lets the next wave begin. */
  async continue(id: string, caller: Caller): Promise<SeenCampaign> {
    const row = await this.rights.lock(id, caller, ['waiting']);
    await this.campaigns.updateWave({ campaignId: id, position: row.wave ?? 0 }, { continuedBy: caller.user });
    return this.go(row, { state: 'running' }, caller);
  }

  async pause(id: string, caller: Caller): Promise<SeenCampaign> {
    const row = await this.rights.lock(id, caller, ['running', 'waiting']);
    const reason = { code: 'asked', by: caller.user } as const;
    await this.events.tell('campaign.paused', { ...row, state: 'paused' }, { reason: reason.code });
    return this.go(row, { state: 'paused', reason }, caller);
  }

  /** Where the budget is still spent, it pauses again at once: skip or retry first what has failed. */
  async resume(id: string, caller: Caller): Promise<SeenCampaign> {
    const row = await this.rights.lock(id, caller, ['paused']);
    await this.events.tell('campaign.resumed', { ...row, state: 'running' });
    return this.go(row, { state: 'running', reason: null }, caller);
  }

  /** What is being published ends; nothing else begins. */
  async abort(id: string, caller: Caller): Promise<SeenCampaign> {
    const row = await this.rights.lock(id, caller, ['running', 'waiting', 'paused']);
    return this.go(row, { state: 'aborting', reason: null }, caller);
  }

  /** A campaign that publishes again what each finished item held before; it is planned and approved like any other. */
  async rollback(
    id: string,
    given: { name: string; description: string | null },
    caller: Caller,
  ): Promise<SeenCampaign> {
    const row = await this.rights.lock(id, caller, ['paused', 'finished', 'aborted']);
    if (row.change.type === 'retire')
      throw new DomainError('stateConflict', 'What was retired does not come back by a rollback: publish it anew.', {
        state: row.state,
      });
    const waves = (await this.campaigns.waves(id)).map(({ settings }) => settings).toReversed();
    const change = { type: 'rollback', campaignId: id } as const;
    const { budget, orderByDependencies } = row;
    const made = newCampaign({ ...given, change, selection: {}, budget, orderByDependencies }, caller);
    const kept = waves.map(({ labelSelector: _1, percent: _2, count: _3, ...wave }) => wave);
    await this.campaigns.insert(made, kept);
    return this.service.get(made.id, caller);
  }

  /** What a checker says of the wave that is at work: gates may ask for it. */
  async setCondition(
    id: string,
    type: string,
    { status, message }: { status: 'True' | 'False'; message: string },
    caller: Caller,
    seen: Precondition,
  ): Promise<SeenCampaign> {
    const row = found(await this.campaigns.lock(id), 'campaign', id);
    const before = campaignEtag(row);
    assertPrecondition(seen, before, `The campaign "${row.name}"`);
    noteChange(id, { before });
    for (const place of await this.items.places(id)) caller.assertAllowed('packageRevisions.setConditions', place);
    assertState(row, ['running', 'waiting', 'paused']);
    const wave = (await this.campaigns.waves(id)).find(({ position }) => position === row.wave);
    if (!wave) throw new DomainError('stateConflict', `No wave of "${row.name}" has begun.`, { state: row.state });
    const said = { status, message, by: caller.user, at: new Date().toISOString() };
    await this.campaigns.updateWave(wave, { conditions: { ...wave.conditions, [type]: said } });
    return this.go(row, {}, caller);
  }

  /** The digest is computed from the rows: whoever has changed them, past the service even, has changed the plan. */
  private async assertPlanned(row: CampaignRow): Promise<void> {
    if ((await this.planner.digest(row)) === row.planDigest) return;
    const message = `What is stored of the plan of "${row.name}" is not what its digest says: plan it again.`;
    throw new DomainError('contentChanged', message);
  }

  private async go(row: CampaignRow, update: CampaignUpdate, caller: Caller): Promise<SeenCampaign> {
    await this.change(row, update);
    await this.bell.ring(row);
    return this.service.get(row.id, caller);
  }

  private change(row: CampaignRow, update: CampaignUpdate): Promise<void> {
    return this.campaigns.update(row.id, { ...update, version: row.version + 1, updatedAt: new Date() });
  }
}
