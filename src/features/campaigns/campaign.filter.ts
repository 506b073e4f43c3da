import { containsSql } from '../../database/contains.sql.js';
import { conditionsOf, type FilterOf, type Filters } from '../../database/filters.js';
import { type Campaign, type CampaignItem, Prisma } from '../../database/generated/client.js';
import type { SortKey, Sorts } from '../../database/list.sql.js';
import type { CampaignItemState, CampaignState } from '../../domain/campaign.js';
import { CAMPAIGN_STATE, type CampaignSight, itemSeenSql } from './campaign.sql.js';

/** Conditions on a row `c` of campaign. */
const FILTERS = {
  name: (name: string) => Prisma.sql`c.name = ${name}`,
  state: (states: CampaignState[]) => Prisma.sql`${CAMPAIGN_STATE} = ANY(${states}::text[])`,
  createdBy: (user: string) => Prisma.sql`c.created_by = ${user}`,
  packageId: (id: string, { packages }: CampaignSight) => Prisma.sql`c.id IN (
    SELECT i.campaign_id FROM campaign_item i WHERE i.package_id = ${id}::uuid AND ${itemSeenSql(packages)})`,
  /** A part of the name, in any case. */
  q: (part: string) => containsSql(Prisma.sql`c.name`, part),
} satisfies Filters<Prisma.Sql>;

/** Ids are in the order of time. */
export const CAMPAIGN_SORTS: Sorts<SortKey<Pick<Campaign, 'id' | 'name'>>> = {
  createdAt: [{ key: 'id', column: Prisma.sql`c.id`, type: 'id', order: 'ascending' }],
  name: [{ key: 'name', column: Prisma.sql`c.name`, type: 'text', order: 'ascending' }],
};

export type CampaignFilter = FilterOf<typeof FILTERS>;

export const campaignConditions = (filter: CampaignFilter, sight: CampaignSight): Prisma.Sql[] =>
  conditionsOf(FILTERS, filter, sight);

/** Conditions on an item `i`. */
const ITEM_FILTERS = {
  state: (states: CampaignItemState[]) => Prisma.sql`i.state = ANY(${states}::text[])`,
  wave: (wave: number) => Prisma.sql`i.wave = ${wave}`,
  packageId: (id: string) => Prisma.sql`i.package_id = ${id}::uuid`,
} satisfies Filters<Prisma.Sql>;

export const ITEM_SORTS: Sorts<SortKey<Pick<CampaignItem, 'position'>>> = {
  position: [{ key: 'position', column: Prisma.sql`i.position`, type: 'number', order: 'ascending' }],
};

export type CampaignItemFilter = FilterOf<typeof ITEM_FILTERS>;

export const itemConditions = (filter: CampaignItemFilter): Prisma.Sql[] => conditionsOf(ITEM_FILTERS, filter);
