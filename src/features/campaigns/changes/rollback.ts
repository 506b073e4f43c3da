import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import type { CampaignChange } from '../../../domain/campaign.js';
import { DomainError } from '../../../domain/errors.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { CampaignItemStore } from '../campaign-item.store.js';
import type { CampaignRow, ItemRow } from '../campaign-row.js';
import { CampaignStore } from '../campaign.store.js';
import { NextRevisions } from '../run/next-revisions.js';
import { CampaignChoiceStore } from './campaign-choice.store.js';
import type { Actors, Begun, CampaignChangeKind, Chosen, Planned } from './campaign-change.js';

type Change = Extract<CampaignChange, { type: 'rollback' }>;

/** Publishes again what each package held before another campaign, whose waves it goes backwards. */
@Injectable()
export class RollbackChange implements CampaignChangeKind {
  readonly permission = 'packageRevisions.create';

  constructor(
    private readonly campaigns: CampaignStore,
    private readonly items: CampaignItemStore,
    private readonly revisions: PackageRevisionStore,
    private readonly store: CampaignChoiceStore,
    private readonly next: NextRevisions,
  ) {}

  async choose({ change }: CampaignRow, caller: Caller): Promise<Chosen[]> {
    const { campaignId } = change as Change;
    const last = (await this.campaigns.waves(campaignId)).length - 1;
    const items = (await this.items.finished(campaignId)).filter(
      (item) => item.draftId !== null && caller.allows('packages.read', item),
    );
    const ids = items.flatMap(({ draftId }) => draftId ?? []);
    const rows = await this.revisions.findAll(ids);
    // What was published as it was has been made from nothing that the campaign knew of.
    const before = await this.store.versionsBefore(ids);
    const known = new Map(rows.map((row) => [row.id, row]));
    return items.flatMap((item) => {
      const row = known.get(item.draftId ?? '');
      if (!row) return [];
      const toRevisionId = item.revisionId === row.id ? before.get(row.id) : item.revisionId;
      const wave = item.wave === null ? null : last - item.wave;
      return [{ row, wave, ...(toRevisionId !== undefined && { toRevisionId }) }];
    });
  }

  async plan({ toRevisionId }: ItemRow, row: RevisionRow): Promise<Planned> {
    if (!row.latest)
      throw new DomainError('contentChanged', `Somebody has published "${row.path}" since: that is left as it is.`);
    const to = toRevisionId === null ? null : await this.revisions.find(toRevisionId);
    if (to?.packageId !== row.packageId)
      throw new DomainError('baseGone', `What "${row.path}" held before is not there any more.`);
    return {
      ...{ toRevisionId: to.id, toRevision: to.revision, resultTree: to.tree },
      ...{ plan: null, summary: null, warnings: [], state: 'planned' },
    };
  }

  async begin(item: ItemRow, campaign: CampaignRow, actors: Actors): Promise<Begun> {
    const revisionId = item.toRevisionId ?? '';
    return this.next.begin(item, campaign, actors, () => Promise.resolve({ type: 'copy', revisionId }));
  }
}
