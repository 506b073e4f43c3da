import type { Caller } from '../../access/caller.js';
import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { selectFields } from '../../database/columns.js';
import { Prisma } from '../../database/generated/client.js';

const PLAIN = [
  ...([
    'id',
    'name',
    'description',
    'change',
    'selection',
    'budget',
    'orderByDependencies',
    'reason',
    'wave',
    'planDigest',
    'plannedAt',
  ] as const),
  ...(['plannedBy', 'planOperationId', 'operationId', 'startedAt', 'startedBy', 'finishedAt', 'version'] as const),
  ...(['createdAt', 'createdBy', 'updatedAt'] as const),
];

/** Of a row `c`: where the operation that was to plan it has ended without a plan, it is a draft. */
export const CAMPAIGN_STATE = Prisma.sql`CASE WHEN c.state = 'planning' AND NOT EXISTS (
    SELECT 1 FROM operation o WHERE o.id = c.plan_operation_id AND o.state IN ('queued', 'running')
  ) THEN 'draft' ELSE c.state END`;

export const CAMPAIGN = Prisma.sql`${selectFields(PLAIN, 'c')}, ${CAMPAIGN_STATE} AS state`;

export const WAVE = selectFields(
  ['campaignId', 'position', 'settings', 'state', 'startedAt', 'finishedAt', 'conditions', 'continuedBy'],
  'w',
);

export const ITEM = selectFields(
  [
    ...([
      'id',
      'campaignId',
      'position',
      'wave',
      'packageId',
      'repositoryId',
      'path',
      'revisionId',
      'revision',
    ] as const),
    ...(['tree', 'toRevisionId', 'toRevision', 'resultTree', 'plan', 'resolutions', 'defaultResolution'] as const),
    ...([
      'summary',
      'warnings',
      'waitsFor',
      'state',
      'error',
      'draftId',
      'publishedRevision',
      'operationIds',
      'attempts',
    ] as const),
    ...(['startedAt', 'publishedAt', 'endedAt', 'version'] as const),
  ],
  'i',
);

export const PLAN_APPROVAL = selectFields(
  ['id', 'campaignId', 'planDigest', 'approvedBy', 'email', 'groups', 'comment', 'createdAt', 'voidedAt'],
  'a',
);

/** Whose campaigns somebody sees, and the items of which others. */
export interface CampaignSight {
  user: string;
  packages: Visibility;
}

export const campaignSight = (caller: Caller): CampaignSight => ({
  user: caller.user,
  packages: caller.visibility('packages.read'),
});

/** The condition on an item `i`. */
export const itemSeenSql = (packages: Visibility): Prisma.Sql => visibleSql(packages, 'i') ?? Prisma.sql`TRUE`;

/** The condition on a campaign of this alias: it is the caller's, or an item of it can be seen. */
export function campaignSeenSql({ user, packages }: CampaignSight, alias: 'c' | 't'): Prisma.Sql {
  if (packages === 'all') return Prisma.sql`TRUE`;
  const campaign = Prisma.raw(alias);
  return Prisma.sql`(${campaign}.created_by = ${user} OR EXISTS (
    SELECT 1 FROM campaign_item i WHERE i.campaign_id = ${campaign}.id AND ${itemSeenSql(packages)}))`;
}
