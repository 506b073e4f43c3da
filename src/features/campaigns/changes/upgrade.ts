import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import type { CampaignChange } from '../../../domain/campaign.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { recordOf, type UpgradePlan } from '../../package-revisions/upgrades/upgrade-plan.js';
import { UpgradeService } from '../../package-revisions/upgrades/upgrade.service.js';
import { summaryOf } from '../../upgrade-previews/merge-summary.js';
import type { CampaignRow, ItemRow } from '../campaign-row.js';
import { NextRevisions } from '../run/next-revisions.js';
import type { Actors, Begun, CampaignChangeKind, Chosen, Planned } from './campaign-change.js';
import { Selection } from './selection.js';

type Change = Extract<CampaignChange, { type: 'upgrade' }>;

/** Brings each package to another revision of what it was made from, by the merge that previews show. */
@Injectable()
export class UpgradeChange implements CampaignChangeKind {
  readonly permission = 'packageRevisions.create';

  constructor(
    private readonly selection: Selection,
    private readonly upgrades: UpgradeService,
    private readonly next: NextRevisions,
  ) {}

  async choose({ selection }: CampaignRow, caller: Caller): Promise<Chosen[]> {
    return (await this.selection.published(selection, caller)).map((row) => ({ row }));
  }

  async plan(item: ItemRow, row: RevisionRow, campaign: CampaignRow, caller: Caller): Promise<Planned> {
    const plan = await this.planOf(row, campaign, caller);
    const { trees, options, to, warnings } = plan;
    const merged = await this.upgrades.merge(plan, settlementOf(item, campaign));
    const left = await this.upgrades.foldersLeft(row, plan);
    const summary = summaryOf(merged);
    return {
      ...{ toRevisionId: to.revisionId, toRevision: to.row.revision, resultTree: merged.tree },
      ...{ plan: { trees, options }, summary, warnings: [...warnings, ...left, ...merged.warnings] },
      state: summary.open > 0 ? 'conflicted' : 'planned',
    };
  }

  async begin(item: ItemRow, campaign: CampaignRow, actors: Actors): Promise<Begun> {
    return this.next.begin(item, campaign, actors, async (row, tree) => {
      const plan = await this.planOf(row, campaign, actors.starter);
      const { conflicts } = await this.upgrades.look(plan, settlementOf(item, campaign));
      const record = recordOf(plan, conflicts);
      return { type: 'upgrade', upgraded: { row, tree, root: { to: plan.to, record } } };
    });
  }

  private planOf(row: RevisionRow, campaign: CampaignRow, caller: Caller): Promise<UpgradePlan> {
    const { to, strategy, allowOtherPackage } = campaign.change as Change;
    return this.upgrades.plan(
      row,
      { upstream: to, subpackage: null, strategy, allowOtherPackage },
      '/change/to',
      caller,
    );
  }
}

/** What was said of the item goes before what was said of all. */
export const settlementOf = ({ resolutions, defaultResolution }: ItemRow, { change }: CampaignRow) => ({
  resolutions,
  defaultResolution: defaultResolution ?? ('defaultResolution' in change ? change.defaultResolution : {}),
});
