import { Injectable } from '@nestjs/common';
import type { AloneHandler } from '../../../jobs/alone/alone-handler.js';
import type { InstanceWork } from '../../../jobs/instance/instance-handler.js';
import type { TypedOperation } from '../../../jobs/typed-operation.js';
import { withContext } from '../../../logging/request-context.js';
import { ofCampaign } from '../plan.handler.js';
import { CampaignTurn } from './campaign-turn.js';

/** Campaigns at work at a time in this process: most of the time they wait, and take none. */
const SEATS = 4;

/** Carries campaigns out, turn by turn. A worker that is killed leaves nothing half done: each turn is one transaction. */
@Injectable()
export class CampaignHandler implements AloneHandler<'campaign'> {
  readonly seats = SEATS;
  readonly payload = ofCampaign;

  constructor(private readonly turns: CampaignTurn) {}

  /** Null: nothing is to be done until something happens, which wakes it. */
  async run(operation: TypedOperation<'campaign'>, work: InstanceWork): Promise<Record<string, unknown> | null> {
    const { caller, address, campaignId } = operation.payload;
    return withContext({ tokenId: caller.tokenId, address }, async () => {
      for (let isFirst = true; ; isFirst = false) {
        const end = await work.step(() => this.turns.take(operation, isFirst));
        if (end.kind === 'waits') return null;
        if (end.kind === 'over') return { resource: { type: 'Campaign', id: campaignId } };
      }
    });
  }
}
