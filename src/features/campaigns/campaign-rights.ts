import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { INSTANCE } from '../../access/permission.js';
import { noteChange } from '../../audit/noted-change.js';
import { type CampaignState, isOver } from '../../domain/campaign.js';
import { DomainError } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import { CampaignItemStore } from './campaign-item.store.js';
import type { CampaignRow } from './campaign-row.js';
import { campaignEtag } from './campaign-etag.js';
import { CampaignStore } from './campaign.store.js';

/** Begins every change of a campaign: locks it, and says who may. */
@Injectable()
export class CampaignRights {
  constructor(
    private readonly campaigns: CampaignStore,
    private readonly items: CampaignItemStore,
  ) {}

  /**
   * The campaign, locked, for whoever manages everything in it: they need the right on each of its packages, or, while there
   * is none, to have made it. `states`: those in which it is possible.
   */
  async lock(id: string, caller: Caller, states?: readonly CampaignState[]): Promise<CampaignRow> {
    const row = found(await this.campaigns.lock(id), 'campaign', id);
    noteChange(id, { before: campaignEtag(row) });
    await this.assertManages(row, caller);
    if (states) assertState(row, states);
    return row;
  }

  private async assertManages({ id, createdBy }: CampaignRow, caller: Caller): Promise<void> {
    const places = await this.items.places(id);
    for (const place of places) caller.assertAllowed('campaigns.manage', place);
    if (places.length === 0 && createdBy !== caller.user) caller.assertAllowed('campaigns.manage', INSTANCE);
  }
}

export function assertState({ name, state }: CampaignRow, states: readonly CampaignState[]): void {
  if (states.includes(state)) return;
  const when = isOver(state) ? 'it has ended' : `that is possible while it is ${states.join(' or ')}`;
  throw new DomainError('stateConflict', `The campaign "${name}" is ${state}: ${when}.`, { state });
}
