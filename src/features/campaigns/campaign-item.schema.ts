import { z } from 'zod';
import { CAMPAIGN_ITEM_STATES, ITEM_ORDERS } from '../../domain/campaign.js';
import { problemSchema } from '../../http/problem.schema.js';
import { openChoice } from '../../http/schema/choice.js';
import { count, etag, identifier, nullableText, pageOf, timestamp } from '../../http/schema/fields.js';
import { listOf, listQuery, wholeNumber } from '../../http/schema/query.js';
import { mergeConflict, mergeSummary } from '../upgrade-previews/upgrade-preview.schema.js';
import { treeOid } from '../package-revisions/package-revision.schema.js';
import { defaultResolution, resolution, resolutions } from '../package-revisions/upgrades/upgrade.schema.js';
import { type CampaignItemFilter, ITEM_SORTS } from './campaign.filter.js';

const state = openChoice(
  'CampaignItemState',
  CAMPAIGN_ITEM_STATES,
  'Where an item stands. `setAside`: its package is not any more what was planned, or was in conflict.',
);

const itemTo = z
  .strictObject({ revisionId: identifier('Its id.'), revision: nullableText('Its number.', 'v2') })
  .meta({ id: 'CampaignItemTo', description: 'The revision that it is brought to.' });

const neededItem = z
  .strictObject({
    packageId: identifier('The package.'),
    path: z.string().meta({ description: 'Its path.', examples: ['edge-1/db'] }),
    order: openChoice(
      'CampaignItemOrder',
      ITEM_ORDERS,
      '`ordered`: the item begins once this one is `done`; `cycle`: each needs the other, and nothing orders them; `laterWave`: this one comes later; `notPlanned`: of a retirement, this one needs the package and is no part of the plan.',
    ),
  })
  .meta({ id: 'CampaignItemNeed', description: 'Another item behind which an item should go.' });

const facts = {
  id: identifier('The id of the item.'),
  wave: z
    .int()
    .nullable()
    .meta({ description: 'Its wave, from 0; `null`: none.', examples: [0] }),
  packageId: identifier('The package.'),
  repositoryId: identifier('The repository that it is in.'),
  path: z.string().meta({ description: 'Its path there.', examples: ['edge-1/web'] }),
  from: z
    .strictObject({
      revisionId: identifier('Its id.'),
      revision: nullableText('Its number; `null`: a draft.', 'v1'),
      tree: treeOid('Its tree.'),
    })
    .meta({ id: 'CampaignItemFrom', description: 'The revision that it was planned from.' }),
  to: itemTo
    .nullable()
    .meta({ description: 'What it is brought to; `null`: no other revision, or none that you see.' }),
  result: treeOid('The tree that is published; `null`: none, or nobody knows yet.').nullable(),
  summary: mergeSummary.nullable().meta({ description: 'Of an upgrade: how much is merged.' }),
  waitsFor: z
    .array(neededItem)
    .meta({ description: 'Where the campaign orders: the items, of those that you see, behind which it should go.' }),
  warnings: z.array(z.string()).meta({ description: 'What to know.', examples: [[]] }),
  state,
  error: problemSchema.nullable().meta({ description: 'Why it was not done, or waits.' }),
  draftId: identifier('The draft that was made, or the revision that it became.').nullable(),
  revision: nullableText('The number that it was given.', 'v2'),
  attempts: count('How often it was begun.', 1),
  startedAt: timestamp('When it was begun last.').nullable(),
  publishedAt: timestamp('When it was published.').nullable(),
  endedAt: timestamp('When it ended.').nullable(),
  etag: etag('the item'),
};

export const campaignItemResponse = z
  .strictObject(facts)
  .meta({ id: 'CampaignItem', description: 'What a campaign does to one package.' });

export type CampaignItemResponse = z.output<typeof campaignItemResponse>;

export const campaignItemDetailResponse = z
  .strictObject({
    ...facts,
    conflicts: z.array(mergeConflict).meta({ description: 'Of an upgrade: what both sides have changed.' }),
  })
  .meta({ id: 'CampaignItemDetail', description: 'What a campaign does to one package, with its conflicts.' });

export type CampaignItemDetailResponse = z.output<typeof campaignItemDetailResponse>;

export const campaignItemPage = pageOf('CampaignItemPage', 'items of a campaign', campaignItemResponse);

export const campaignItemPatchRequest = z
  .strictObject({
    excluded: z
      .boolean()
      .optional()
      .meta({ description: 'Whether it is left out.', examples: [true] }),
    resolutions: resolutions('CampaignItemResolutionsPatch', resolution.nullable())
      .optional()
      .describe('Resolutions to set; `null` takes one away.'),
    defaultResolution: defaultResolution.nullable().optional(),
  })
  .meta({
    id: 'CampaignItemPatchRequest',
    description: 'What to change of an item of a plan. The plan is another one then, which nobody has approved.',
    examples: [{ resolutions: { '5f0c1a2b3d4e5f60': { take: 'theirs' } } }],
  });

export type CampaignItemPatchRequest = z.output<typeof campaignItemPatchRequest>;

export const campaignItemQuery = listQuery<CampaignItemFilter>(
  {
    state: listOf(state).meta({ description: 'Only in these states.', examples: [['failed', 'setAside']] }),
    wave: z
      .union([z.literal('0'), wholeNumber])
      .optional()
      .transform((value) => (value === undefined ? undefined : Number(value)))
      .meta({ description: 'Only of this wave, from 0.', examples: [0], openapi: { type: 'integer', minimum: 0 } }),
    packageId: identifier('Only that of this package.').optional(),
  },
  ITEM_SORTS,
);

export type CampaignItemQuery = z.output<typeof campaignItemQuery>;
