import { Injectable } from '@nestjs/common';
import { EventLog } from '../../events/event-log.js';
import type { NewEvent } from '../../events/event-data.js';
import type { EventType } from '../../events/event-types.js';
import type { CampaignRow, ItemRow } from './campaign-row.js';

type CampaignEventType = Extract<EventType, `campaign.${string}`>;
type Told = Pick<CampaignRow, 'id' | 'name' | 'state'>;

/** What is told of campaigns: as a whole, and of each package to those who see that. */
@Injectable()
export class CampaignEvents {
  constructor(private readonly events: EventLog) {}

  async tell(
    type: CampaignEventType,
    { id, name, state }: Told,
    more: { wave?: number; reason?: NonNullable<CampaignRow['reason']>['code'] } = {},
  ): Promise<void> {
    await this.events.record([{ type, repositoryId: null, path: null, facts: { id, name, state, ...more } }]);
  }

  /** The items as they are now. */
  tellItems(type: CampaignEventType, campaign: Told, items: readonly ItemRow[]): Promise<void> {
    return this.tellEach(
      campaign,
      items.map((item) => ({ type, item })),
    );
  }

  /** Several things of items, in the order in which they happened. */
  async tellEach(
    { id, name, state }: Told,
    happened: readonly { type: CampaignEventType; item: ItemRow }[],
  ): Promise<void> {
    await this.events.record(
      happened.map(({ type, item }): NewEvent => {
        const { repositoryId, path, packageId, wave, draftId, error } = item;
        const facts = {
          ...{ id, name, state, ...(wave !== null && { wave }) },
          ...(draftId !== null && { packageRevisionId: draftId }),
          item: {
            ...{ id: item.id, packageId, repositoryId, path, state: item.state },
            ...(error !== null && { error: error.code }),
          },
        };
        return { type, repositoryId, path, facts };
      }),
    );
  }
}
