import type { Caller } from '../../../access/caller.js';
import type { Permission } from '../../../access/permission.js';
import type { AuditEvent } from '../../../audit/audit-log.js';
import type { CampaignMark } from '../../../domain/operation-payloads.js';
import type { DomainError } from '../../../domain/errors.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import type { CampaignRow, ItemRow } from '../campaign-row.js';

/** What an item is planned from, and the wave that it belongs to where the waves do not say it. */
export interface Chosen {
  row: RevisionRow;
  wave?: number | null;
  /** The revision that it is brought to. */
  toRevisionId?: string;
}

/** What a plan says of an item. */
export type Planned = Pick<ItemRow, 'toRevisionId' | 'toRevision' | 'resultTree' | 'plan' | 'summary' | 'warnings'> & {
  state: 'planned' | 'conflicted';
};

/** Those who act for a campaign: its starter, and each who approved its plan, with the rights that they have now. */
export interface Actors {
  starter: Caller;
  approvers: readonly Caller[];
  mark: CampaignMark;
}

/** What was begun for an item. */
export interface Begun {
  draftId: string | null;
  /** The operations whose end is its own; none: it waits, `waits` says why. */
  operationIds: string[];
  waits: DomainError | null;
  /** The number that it has, where it is published already. */
  published?: string | null;
  /** What was done, as single requests would have written it. */
  entries: AuditEvent[];
}

/** How one type of change is planned and done. Called in a transaction; what throws a DomainError harms the item alone. */
export interface CampaignChangeKind {
  /** What the planner and the starter need on each package. */
  readonly permission: Permission;
  /** What the campaign is to be done to, as far as the caller sees it; each package once. */
  choose(campaign: CampaignRow, caller: Caller): Promise<Chosen[]>;
  plan(item: ItemRow, row: RevisionRow, campaign: CampaignRow, caller: Caller): Promise<Planned>;
  begin(item: ItemRow, campaign: CampaignRow, actors: Actors): Promise<Begun>;
}
