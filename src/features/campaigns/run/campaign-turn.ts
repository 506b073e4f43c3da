import { Injectable } from '@nestjs/common';
import { Authenticator } from '../../../access/authenticator.js';
import type { Caller } from '../../../access/caller.js';
import { AT_WORK, type CampaignItemState, isOver, markOf, type PauseReason } from '../../../domain/campaign.js';
import type { TypedOperation } from '../../../jobs/typed-operation.js';
import { CampaignApprovals } from '../campaign-approvals.js';
import { CampaignEvents } from '../campaign-events.js';
import { CampaignItemStore, type ItemCount } from '../campaign-item.store.js';
import type { CampaignRow, WaveRow } from '../campaign-row.js';
import { CampaignStore } from '../campaign.store.js';
import type { Actors } from '../changes/campaign-change.js';
import { ItemEnds } from './item-ends.js';
import { ItemStarter } from './item-starter.js';
import { RunStore } from './run.store.js';
import { WaveEnd } from './wave-end.js';

/** How many items one transaction begins: others wait no longer for a revision than that takes. */
const ITEMS_PER_TURN = 50;
/** How soon it is looked again for what no bell is rung for, in milliseconds. */
const LOOK_MS = 60_000;

type Operation = TypedOperation<'campaign'>;

/** What a turn leaves: more to do at once; nothing until something happens, or until then; or the end. */
export type TurnEnd = { kind: 'more' } | { kind: 'waits'; for: string; until: Date | null } | { kind: 'over' };

const MORE: TurnEnd = { kind: 'more' };

/** One step of a campaign, in one transaction, under the row lock of the campaign: whatever worker has it, slots and budget are counted by one alone. */
@Injectable()
export class CampaignTurn {
  constructor(
    private readonly campaigns: CampaignStore,
    private readonly items: CampaignItemStore,
    private readonly runs: RunStore,
    private readonly approvals: CampaignApprovals,
    private readonly events: CampaignEvents,
    private readonly ends: ItemEnds,
    private readonly starter: ItemStarter,
    private readonly waveEnd: WaveEnd,
    private readonly authenticator: Authenticator,
  ) {}

  /** `isFirst`: somebody may have done what an item waits for. */
  async take(operation: Operation, isFirst: boolean): Promise<TurnEnd> {
    const campaign = await this.campaigns.lock(operation.payload.campaignId);
    if (!campaign || isOver(campaign.state)) return { kind: 'over' };
    await this.ends.hear(operation.id, campaign);
    const counts = await this.items.counts(campaign.id, 'all');
    const end = await this.turn(operation, campaign, counts, isFirst);
    if (end.kind === 'waits') await this.runs.park(operation.id, end.until, end.for);
    return end;
  }

  private async turn(
    operation: Operation,
    campaign: CampaignRow,
    counts: readonly ItemCount[],
    isFirst: boolean,
  ): Promise<TurnEnd> {
    const { state } = campaign;
    if (state === 'aborting') return this.abort(campaign, counts);
    if (state === 'paused') return waits(`It is paused: ${campaign.reason?.code ?? 'asked'}.`);
    const spent = await this.spentBy(campaign, counts);
    if (spent) return this.pause(campaign, spent);
    if (state === 'waiting') return waits('Somebody has to let the next wave begin.');
    const waves = await this.campaigns.waves(campaign.id);
    const wave = waves[campaign.wave ?? 0];
    if (!wave) return this.finish(campaign, 'finished');
    if (wave.state === 'pending') return this.beginWave(campaign, wave);
    const atWork = total(counts, AT_WORK);
    const mayFail = campaign.budget.maxFailures - total(counts, ['failed']);
    const again = isFirst ? await this.runs.inStates(campaign.id, ['proposed'], null) : [];
    if (again.length > 0) {
      const actors = await this.actors(operation, campaign);
      if (await this.starter.begin(campaign, again, actors, mayFail)) return MORE;
    }
    const lost = campaign.orderByDependencies ? await this.runs.withoutNeeded(campaign.id) : [];
    if (lost.length > 0) {
      await this.ends.end(campaign, lost, (item) => ({ ...item, state: 'setAside', error: DEPENDENCY_FAILED }));
      return MORE;
    }
    const limit = Math.min(ITEMS_PER_TURN, wave.settings.maxParallel - atWork);
    const next = limit > 0 ? await this.runs.next(campaign.id, wave.position, limit) : [];
    if (next.length > 0) {
      if (wave.state !== 'running') await this.campaigns.updateWave(wave, { state: 'running' });
      await this.starter.begin(campaign, next, await this.actors(operation, campaign), mayFail);
      return MORE;
    }
    if (atWork > 0) {
      const isHeld = total(counts, ['proposed']) > 0;
      const frees = await this.freesNext(campaign, counts);
      return waits('Packages are being published.', isHeld && (frees === null || frees > soon()) ? soon() : frees);
    }
    return this.end(campaign, wave, counts);
  }

  /** More have failed, or are degraded, than it may cost; null: not so. */
  private async spentBy({ id, budget }: CampaignRow, counts: readonly ItemCount[]): Promise<PauseReason | null> {
    if (total(counts, ['failed']) > budget.maxFailures) return { code: 'failures', by: null };
    const degraded = (await this.runs.health(id)).reduce((sum, each) => sum + each.degraded, 0);
    return degraded > budget.maxUnhealthy ? { code: 'unhealthy', by: null } : null;
  }

  private async pause(campaign: CampaignRow, reason: PauseReason): Promise<TurnEnd> {
    const paused = { state: 'paused', reason } as const;
    await this.campaigns.update(campaign.id, paused);
    await this.events.tell('campaign.paused', { ...campaign, ...paused }, { reason: reason.code });
    await this.ends.holdBack(campaign);
    return MORE;
  }

  private async beginWave(campaign: CampaignRow, wave: WaveRow): Promise<TurnEnd> {
    const { position, settings, continuedBy } = wave;
    if (settings.approval === 'manual' && continuedBy === null) {
      const waiting = { state: 'waiting', wave: position } as const;
      await this.campaigns.update(campaign.id, waiting);
      await this.events.tell('campaign.waiting', { ...campaign, ...waiting }, { wave: position });
      return waits('Somebody has to let the next wave begin.');
    }
    await this.campaigns.update(campaign.id, { wave: position });
    await this.campaigns.updateWave(wave, { state: 'running', startedAt: new Date() });
    await this.events.tell('campaign.waveStarted', campaign, { wave: position });
    // Nobody has approved anything for those.
    const open = await this.runs.inStates(campaign.id, ['conflicted'], position);
    await this.ends.end(campaign, open, (item) => ({ ...item, state: 'setAside', error: CONFLICTED }));
    return MORE;
  }

  private async end(campaign: CampaignRow, wave: WaveRow, counts: readonly ItemCount[]): Promise<TurnEnd> {
    const until = (await this.freesNext(campaign, counts)) ?? (await this.runs.watchedUntil(campaign.id)).last;
    if (until !== null) {
      if (wave.state !== 'soaking') await this.campaigns.updateWave(wave, { state: 'soaking' });
      return waits('What was published is watched for a while.', until);
    }
    const closed = this.waveEnd.closedBy(wave, counts, await this.runs.health(campaign.id));
    if (closed !== null) {
      if (wave.state !== 'gated') await this.campaigns.updateWave(wave, { state: 'gated' });
      return waits(closed, soon());
    }
    await this.campaigns.updateWave(wave, { state: 'done', finishedAt: new Date() });
    await this.events.tell('campaign.waveFinished', campaign, { wave: wave.position });
    await this.campaigns.update(campaign.id, { wave: wave.position + 1 });
    return MORE;
  }

  /** When the next item may begin that waits for one that is watched; null: none does. */
  private async freesNext(
    { id, orderByDependencies }: CampaignRow,
    counts: readonly ItemCount[],
  ): Promise<Date | null> {
    return orderByDependencies && total(counts, ['planned']) > 0 ? (await this.runs.watchedUntil(id)).first : null;
  }

  private async abort(campaign: CampaignRow, counts: readonly ItemCount[]): Promise<TurnEnd> {
    const open = await this.runs.inStates(campaign.id, ['planned', 'conflicted', 'proposed'], null);
    await this.ends.end(campaign, open, (item) => ({ ...item, state: 'skipped', error: null }));
    if (total(counts, ['publishing']) > 0) return waits('Packages are being published.');
    return this.finish(campaign, 'aborted');
  }

  private async finish(campaign: CampaignRow, state: 'finished' | 'aborted'): Promise<TurnEnd> {
    const last = (await this.campaigns.waves(campaign.id)).length - 1;
    const wave = campaign.wave === null ? null : Math.min(campaign.wave, last);
    const ended = { state, wave, finishedAt: new Date(), reason: null } as const;
    await this.campaigns.update(campaign.id, ended);
    await this.events.tell('campaign.finished', { ...campaign, ...ended });
    return { kind: 'over' };
  }

  /** With the rights that they have now. */
  private async actors({ payload }: Operation, campaign: CampaignRow): Promise<Actors> {
    const { approvals } = await this.approvals.standing(campaign, campaign.planDigest ?? '');
    const people = approvals.map(({ approvedBy: user, email, groups }) => ({ user, email, groups }));
    const approvers: Caller[] = [];
    for (const person of people) approvers.push(await this.authenticator.again(person));
    const names = people.map(({ user }) => user);
    return { starter: await this.authenticator.again(payload.caller), approvers, mark: markOf(campaign, names) };
  }
}

const CONFLICTED = {
  code: 'unresolvedConflicts',
  detail: 'Nobody has resolved its conflicts before the plan was approved.',
  data: {},
};

const DEPENDENCY_FAILED = {
  code: 'dependencyFailed',
  detail: 'A package behind which it goes failed, or was set aside or skipped. Retry it once that is done.',
  data: {},
};

const waits = (why: string, until: Date | null = null): TurnEnd => ({ kind: 'waits', for: why, until });

const soon = (): Date => new Date(Date.now() + LOOK_MS);

const total = (counts: readonly ItemCount[], states: readonly CampaignItemState[]): number =>
  counts.filter(({ state }) => states.includes(state)).reduce((sum, { count }) => sum + count, 0);
