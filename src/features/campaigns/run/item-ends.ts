import { Injectable } from '@nestjs/common';
import { Outbox } from '../../../jobs/outbox.js';
import { CampaignEvents } from '../campaign-events.js';
import { CampaignItemStore } from '../campaign-item.store.js';
import type { CampaignRow, ItemRow } from '../campaign-row.js';
import { endOf } from './item-starter.js';
import { type EndedItem, RunStore } from './run.store.js';

/** Hears how items end, and ends them. Call it with the campaign locked. */
@Injectable()
export class ItemEnds {
  constructor(
    private readonly items: CampaignItemStore,
    private readonly runs: RunStore,
    private readonly events: CampaignEvents,
    private readonly outbox: Outbox,
  ) {}

  /** Notes what has ended since, and what was watched long enough. */
  async hear(operationId: string, campaign: CampaignRow): Promise<void> {
    const heard = (await this.runs.ended(campaign.id)).map(heardOf);
    await this.runs.settle(operationId);
    await this.items.save(heard);
    const inState = (state: ItemRow['state']) => heard.filter((item) => item.state === state);
    await this.events.tellItems('campaign.itemPublished', campaign, inState('published'));
    await this.events.tellItems('campaign.itemHeldBack', campaign, inState('planned'));
    await this.tell(
      campaign,
      heard.filter(({ endedAt }) => endedAt !== null),
    );
    const soaked = await this.runs.soaked(campaign.id, campaign.state === 'aborting');
    await this.end(campaign, soaked, (item) => ({ ...item, state: 'done' }));
  }

  /**
   * Takes back what is not yet on its way to the remote: no worker publishes it any more, and once that is sure it is planned
   * as before. What a worker is at ends as it ends.
   */
  async holdBack(campaign: CampaignRow): Promise<void> {
    const items = await this.runs.inStates(campaign.id, ['publishing'], null);
    await this.items.save(items.map((item) => ({ ...item, error: HELD_BACK })));
    await this.outbox.withdraw(items.flatMap(({ operationIds }) => operationIds));
  }

  /** `as`: how each ends. */
  async end(campaign: CampaignRow, items: readonly ItemRow[], as: (item: ItemRow) => ItemRow): Promise<void> {
    const endedAt = new Date();
    const ended = items.map((item): ItemRow => ({ ...as(item), endedAt }));
    await this.items.save(ended);
    await this.tell(campaign, ended);
  }

  private tell(campaign: CampaignRow, items: readonly ItemRow[]): Promise<void> {
    return this.events.tellItems('campaign.itemEnded', campaign, items);
  }
}

const HELD_BACK = {
  code: 'cancelled',
  detail: 'The budget of the campaign is spent: what is not on its way to the remote yet is held back.',
  data: {},
};

function heardOf({ fault, number, heardAt, ...item }: EndedItem): ItemRow {
  if (fault === null)
    return { ...item, state: 'published', publishedRevision: number, publishedAt: heardAt, error: null };
  // Only what was taken back by the campaign says so before it has ended.
  if (fault.code === HELD_BACK.code && item.error?.code === HELD_BACK.code)
    return { ...item, state: 'planned', operationIds: [], error: null };
  return { ...item, state: endOf(fault.code), error: fault, endedAt: new Date() };
}
