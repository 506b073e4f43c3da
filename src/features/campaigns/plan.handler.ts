import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Authenticator } from '../../access/authenticator.js';
import type { AloneHandler } from '../../jobs/alone/alone-handler.js';
import type { InstanceWork } from '../../jobs/instance/instance-handler.js';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import { withContext } from '../../logging/request-context.js';
import { CampaignEvents } from './campaign-events.js';
import { CampaignItemStore } from './campaign-item.store.js';
import { CampaignStore } from './campaign.store.js';
import { Planner } from './planner.js';

/** What operations of campaigns store. */
export const ofCampaign = z.object({
  campaignId: z.string(),
  caller: z.object({
    ...{ user: z.string(), email: z.string().nullable(), groups: z.array(z.string()) },
    tokenId: z.string().optional(),
  }),
  address: z.string().optional(),
});

/** Each may be a merge of three large packages. */
const ITEMS_PER_STEP = 20;

/** Plans that are worked out at a time in this process. */
const SEATS = 2;

/** Works campaigns out, some items in each step, with the right that their planner has then. */
@Injectable()
export class CampaignPlanHandler implements AloneHandler<'campaignPlan'> {
  readonly seats = SEATS;
  readonly payload = ofCampaign;

  constructor(
    private readonly campaigns: CampaignStore,
    private readonly items: CampaignItemStore,
    private readonly planner: Planner,
    private readonly events: CampaignEvents,
    private readonly authenticator: Authenticator,
  ) {}

  /** What an earlier attempt has worked out stays. */
  async run({ id, payload }: TypedOperation<'campaignPlan'>, work: InstanceWork): Promise<Record<string, unknown>> {
    const { campaignId, caller, address } = payload;
    return withContext({ tokenId: caller.tokenId, address }, async () => {
      for (let count = 1, done = 0; count > 0; done += count) {
        count = await work.step(() => this.planSome(id, payload));
        await work.note({ done: done + count, message: 'Planning' });
      }
      await work.step(() => this.finish(id, payload));
      return { resource: { type: 'Campaign', id: campaignId } };
    });
  }

  private async planSome(
    id: string,
    { campaignId, caller }: TypedOperation<'campaignPlan'>['payload'],
  ): Promise<number> {
    const campaign = await this.campaigns.lock(campaignId);
    if (campaign?.planOperationId !== id) return 0;
    const items = await this.items.inState(campaignId, 'unplanned', ITEMS_PER_STEP);
    if (items.length > 0) await this.planner.planItems(campaign, items, await this.authenticator.again(caller));
    return items.length;
  }

  private async finish(id: string, { campaignId }: TypedOperation<'campaignPlan'>['payload']): Promise<void> {
    const campaign = await this.campaigns.lock(campaignId);
    // It was deleted, or changed, meanwhile.
    if (campaign?.planOperationId !== id || campaign.state !== 'planning') return;
    const planDigest = await this.planner.finish(campaign);
    const planned = { state: 'planned', planDigest, plannedAt: new Date(), version: campaign.version + 1 } as const;
    await this.campaigns.update(campaignId, planned);
    await this.events.tell('campaign.planned', { ...campaign, ...planned });
  }
}
