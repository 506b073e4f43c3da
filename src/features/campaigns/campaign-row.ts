import type { Campaign, CampaignApproval, CampaignItem, CampaignWave } from '../../database/generated/client.js';
import type {
  CampaignBudget,
  CampaignChange,
  CampaignItemState,
  CampaignSelection,
  CampaignState,
  ItemOrder,
  PauseReason,
  WaveCondition,
  WaveSettings,
  WaveState,
} from '../../domain/campaign.js';
import type { DefaultResolution, Resolution } from '../../domain/upgrade.js';
import type { UpgradePlan } from '../package-revisions/upgrades/upgrade-plan.js';
import type { MergeSummary } from '../upgrade-previews/merge-summary.js';

interface CampaignColumns {
  change: CampaignChange;
  selection: CampaignSelection;
  budget: CampaignBudget;
  /** `draft` where the operation that was to plan it has ended without a plan. */
  state: CampaignState;
  reason: PauseReason | null;
}

export type CampaignRow = Omit<Campaign, keyof CampaignColumns> & CampaignColumns;

interface WaveColumns {
  settings: WaveSettings;
  state: WaveState;
  conditions: Record<string, WaveCondition>;
}

export type WaveRow = Omit<CampaignWave, keyof WaveColumns> & WaveColumns;

/** What a merge was made of, so that it can be looked at again. */
export type ItemPlan = Pick<UpgradePlan, 'trees' | 'options'>;

/** As operations store theirs. */
export type StoredError = { code: string; detail: string; data: Record<string, unknown> };

/** A package of another item that an item needs. */
export type NeededItem = { packageId: string; repositoryId: string; path: string; order: ItemOrder };

interface ItemColumns {
  plan: ItemPlan | null;
  resolutions: Record<string, Resolution>;
  defaultResolution: DefaultResolution | null;
  summary: MergeSummary | null;
  waitsFor: NeededItem[];
  state: CampaignItemState;
  error: StoredError | null;
}

export type ItemRow = Omit<CampaignItem, keyof ItemColumns> & ItemColumns;

export type PlanApprovalRow = CampaignApproval;

/** Where an item is. */
export type ItemPlace = Pick<ItemRow, 'repositoryId' | 'path'>;

/** States in which an item is no part of what would be done: nobody needs a right for it. */
export const LEFT_OUT: readonly CampaignItemState[] = ['excluded', 'upToDate'];
