import { Injectable } from '@nestjs/common';
import { type Caller, signedIn } from '../../access/caller.js';
import type { Operation } from '../../database/generated/client.js';
import { MOST_ITEMS } from '../../domain/bulk.js';
import { isBeforeStart } from '../../domain/campaign.js';
import { DomainError } from '../../domain/errors.js';
import { uuidv7 } from '../../domain/uuid.js';
import { Outbox } from '../../jobs/outbox.js';
import { currentContext } from '../../logging/request-context.js';
import { CampaignItemStore } from './campaign-item.store.js';
import { assertState, CampaignRights } from './campaign-rights.js';
import type { CampaignRow, ItemRow } from './campaign-row.js';
import { CampaignStore } from './campaign.store.js';
import { CampaignChanges } from './changes/campaign-changes.js';
import type { Chosen } from './changes/campaign-change.js';

/** Begins plans: notes what they are about, which workers then work out. */
@Injectable()
export class PlanService {
  constructor(
    private readonly campaigns: CampaignStore,
    private readonly items: CampaignItemStore,
    private readonly rights: CampaignRights,
    private readonly changes: CampaignChanges,
    private readonly outbox: Outbox,
  ) {}

  /** Forgets the plan before this one, but for what was decided about single packages. */
  async plan(id: string, caller: Caller): Promise<Operation> {
    const campaign = await this.rights.lock(id, caller);
    if (campaign.state === 'planning') {
      const data = { operationId: campaign.planOperationId ?? '' };
      throw new DomainError('operationInProgress', `The campaign "${campaign.name}" is being planned.`, data);
    }
    if (!isBeforeStart(campaign.state)) assertState(campaign, ['draft', 'planned', 'approved']);
    const chosen = await this.changes.of(campaign).choose(campaign, caller);
    if (chosen.length === 0)
      throw new DomainError('stateConflict', 'The selection finds nothing that you can see.', {
        state: campaign.state,
      });
    if (chosen.length > MOST_ITEMS)
      throw new DomainError('stateConflict', `More than ${MOST_ITEMS} packages are chosen.`, { state: campaign.state });
    const decided = await this.items.decided(id);
    await this.items.replace(
      id,
      chosen.map((each, position) => itemOf(id, each, position, decided.get(each.row.packageId))),
    );
    await this.campaigns.voidApprovals(id);
    const operation = await this.outbox.start({
      kind: 'campaignPlan',
      repositoryId: null,
      target: { type: 'Campaign', id, name: campaign.name },
      payload: { campaignId: id, caller: signedIn(caller), address: currentContext().address },
      requestedBy: caller.user,
    });
    await this.campaigns.update(id, {
      ...{ state: 'planning', planDigest: null, plannedAt: null, plannedBy: caller.user },
      ...{ planOperationId: operation.id, version: campaign.version + 1, updatedAt: new Date() },
    });
    return operation;
  }
}

function itemOf(
  campaignId: string,
  { row, wave = null, toRevisionId }: Chosen,
  position: number,
  before: ItemRow | undefined,
): ItemRow {
  const isExcluded = before?.state === 'excluded';
  return {
    ...{ id: uuidv7(), campaignId, position, wave, packageId: row.packageId },
    ...{ repositoryId: row.repositoryId, path: row.path },
    ...{ revisionId: row.id, revision: row.revision, tree: row.tree },
    ...{ toRevisionId: toRevisionId ?? null, toRevision: null, resultTree: null, plan: null },
    resolutions: before?.resolutions ?? {},
    defaultResolution: before?.defaultResolution ?? null,
    ...{ summary: null, warnings: [], waitsFor: [], state: isExcluded ? 'excluded' : 'unplanned', error: null },
    ...{ draftId: null, publishedRevision: null, operationIds: [], attempts: 0 },
    ...{ startedAt: null, publishedAt: null, endedAt: null, version: 1 },
  };
}

/** Of the plan before; the campaign has to be planned anew. */
export const unplanned = (campaign: CampaignRow) => ({
  ...{ state: 'draft' as const, planDigest: null, plannedAt: null },
  ...{ version: campaign.version + 1, updatedAt: new Date() },
});
