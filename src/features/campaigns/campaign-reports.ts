import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { CampaignItemState } from '../../domain/campaign.js';
import { CampaignItemService, type SeenItem } from './campaign-item.service.js';
import { CampaignService, type SeenCampaign } from './campaign.service.js';

/** Items that a report names. */
const MOST_NAMED = 500;

const NAMED: CampaignItemState[] = [
  'failed',
  'setAside',
  'conflicted',
  'planned',
  'proposed',
  'skipped',
  'excluded',
  'done',
  'published',
];

/** What a report tells. */
export interface CampaignReport {
  campaign: SeenCampaign;
  /** Those that somebody has to look at first. */
  items: Omit<SeenItem, 'merged'>[];
  /** Whether there are more. */
  isCut: boolean;
}

/** Reads what reports of campaigns tell, of what their reader sees. */
@Injectable()
export class CampaignReports {
  constructor(
    private readonly campaigns: CampaignService,
    private readonly items: CampaignItemService,
  ) {}

  async of(id: string, caller: Caller): Promise<CampaignReport> {
    const campaign = await this.campaigns.get(id, caller);
    const items: CampaignReport['items'] = [];
    let isCut = false;
    for (const state of NAMED) {
      const left = MOST_NAMED - items.length;
      if (left <= 0) break;
      const { rows, next } = await this.items.list(id, { state: [state] }, caller, { size: left });
      items.push(...rows);
      isCut ||= next !== null;
    }
    return { campaign, items, isCut };
  }
}
