import { scopeOf } from '../../access/scope.store.js';
import { CampaignApprovals } from './campaign-approvals.js';
import { CampaignBell } from './campaign-bell.js';
import { CampaignControlController } from './campaign-control.controller.js';
import { CampaignControlService } from './campaign-control.service.js';
import { CampaignEvents } from './campaign-events.js';
import { CampaignItemController } from './campaign-item.controller.js';
import { CampaignItemService } from './campaign-item.service.js';
import { CampaignItemStore } from './campaign-item.store.js';
import { CampaignPolicyStore } from './campaign-policy.store.js';
import { CampaignReports } from './campaign-reports.js';
import { CampaignRights } from './campaign-rights.js';
import { CampaignController } from './campaign.controller.js';
import { CampaignService } from './campaign.service.js';
import { campaignSeenSql, campaignSight } from './campaign.sql.js';
import { CampaignStore } from './campaign.store.js';
import { CampaignChanges } from './changes/campaign-changes.js';
import { CampaignChoiceStore } from './changes/campaign-choice.store.js';
import { MutateChange } from './changes/mutate.js';
import { PublishDraftsChange } from './changes/publish-drafts.js';
import { RetireChange } from './changes/retire.js';
import { RollbackChange } from './changes/rollback.js';
import { Selection } from './changes/selection.js';
import { UpgradeChange } from './changes/upgrade.js';
import { CampaignPlanHandler } from './plan.handler.js';
import { PlanService } from './plan.service.js';
import { PlanOrder } from './order/plan-order.js';
import { PlanOrderStore } from './order/plan-order.store.js';
import { RetirementGuard } from './order/retirement-guard.js';
import { Planner } from './planner.js';
import { CampaignHandler } from './run/campaign.handler.js';
import { NextRevisions } from './run/next-revisions.js';
import { CampaignRelease } from './run/release.js';
import { RunStore } from './run/run.store.js';
import { CampaignTurn } from './run/campaign-turn.js';
import { ItemEnds } from './run/item-ends.js';
import { ItemStarter } from './run/item-starter.js';
import { WaveEnd } from './run/wave-end.js';

export const campaignControllers = [CampaignController, CampaignControlController, CampaignItemController];

/** In every process: the API plans single items again, workers do the rest. Need `packageRevisionProviders` beside them. */
export const campaignProviders = [
  CampaignStore,
  CampaignItemStore,
  CampaignPolicyStore,
  CampaignChoiceStore,
  RunStore,
  CampaignEvents,
  CampaignBell,
  CampaignRights,
  CampaignApprovals,
  Selection,
  CampaignRelease,
  NextRevisions,
  UpgradeChange,
  MutateChange,
  PublishDraftsChange,
  RetireChange,
  RollbackChange,
  CampaignChanges,
  PlanOrderStore,
  PlanOrder,
  RetirementGuard,
  Planner,
  PlanService,
  CampaignService,
  CampaignControlService,
  CampaignItemService,
  CampaignReports,
  scopeOf({
    collection: 'campaigns',
    noun: 'campaign',
    read: 'campaigns.read',
    table: 'campaign',
    seen: (caller) => campaignSeenSql(campaignSight(caller), 't'),
  }),
];

/** In worker processes, beside these and `workerProviders`. */
export const campaignWorkProviders = [
  ItemStarter,
  ItemEnds,
  WaveEnd,
  CampaignTurn,
  CampaignPlanHandler,
  CampaignHandler,
];
