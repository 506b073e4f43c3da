import { z } from 'zod';
import { CAMPAIGN_STATES, type CampaignBudget, type CampaignSelection } from '../../domain/campaign.js';
import { MOST_ITEMS } from '../../domain/bulk.js';
import { choice, openChoice } from '../../http/schema/choice.js';
import { description, EXAMPLE_ID, givenName, identifier } from '../../http/schema/fields.js';
import { listOf, listQuery, person, textFilter } from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';
import { bulkFilter } from '../package-revisions/bulk/bulk.schema.js';
import { comment } from '../package-revisions/package-revision.request.schema.js';
import { defaultResolution, upgradeStrategy } from '../package-revisions/upgrades/upgrade.schema.js';
import { MOST_MUTATIONS, mutationRequestOf } from '../mutations/mutation.schema.js';
import { conditionType, waves } from './campaign-wave.schema.js';
import { CAMPAIGN_SORTS, type CampaignFilter } from './campaign.filter.js';

const name = givenName('Its name, unique; the workspaces of its drafts begin with it.', 'web-v2');

const mutation = mutationRequestOf(
  'CampaignMutationRequest',
  z
    .unknown()
    .optional()
    .meta({
      description:
        'What it is to hold, in YAML of any kind: texts stay as they are, and names such as `${target.name}` with them.',
      examples: [3],
    }),
);

const change = z
  .discriminatedUnion('type', [
    z
      .strictObject({
        type: z.literal('upgrade').meta({ description: 'Brings packages to another revision of their upstream.' }),
        to: z
          .strictObject({ revisionId: identifier('A published package revision.') })
          .meta({ id: 'CampaignUpgradeTarget', description: 'The new revision of the upstream.' }),
        strategy: upgradeStrategy.default('resource-merge'),
        allowOtherPackage: z
          .boolean()
          .default(false)
          .meta({ description: 'Although the upstream is another package.', examples: [false] }),
        defaultResolution: defaultResolution.default({}),
      })
      .meta({ id: 'CampaignUpgradeRequest', description: 'An upgrade of each package.' }),
    z
      .strictObject({
        type: z.literal('mutate').meta({ description: 'Sets fields of objects, or takes them away.' }),
        mutations: z
          .array(mutation)
          .min(1)
          .max(MOST_MUTATIONS)
          .meta({ description: `One after the other; at most ${MOST_MUTATIONS}.` }),
      })
      .meta({ id: 'CampaignMutateRequest', description: 'The same changes of fields in each package.' }),
    z
      .strictObject({
        type: z.literal('publishDrafts').meta({ description: 'Publishes drafts and proposals as they are.' }),
      })
      .meta({ id: 'CampaignPublishDraftsRequest', description: 'The publication of drafts that are there.' }),
    z
      .strictObject({
        type: z.literal('retire').meta({ description: 'Deletes all publications of packages, and so the packages.' }),
        force: z
          .boolean()
          .default(false)
          .meta({ description: 'Although packages that stay need them, or were made from them.', examples: [false] }),
      })
      .meta({ id: 'CampaignRetireRequest', description: 'The deletion of each package.' }),
  ])
  .meta({
    id: 'CampaignChangeRequest',
    description: 'What is done to each package.',
    examples: [{ type: 'upgrade', to: { revisionId: EXAMPLE_ID } }],
  });

const ids = (what: string) =>
  z
    .array(identifier(`The id of a ${what}.`))
    .min(1)
    .max(MOST_ITEMS);

const selection = z
  .strictObject({
    filter: bulkFilter.optional(),
    packageIds: ids('package')
      .optional()
      .meta({ description: 'These packages.', examples: [[EXAMPLE_ID]] }),
    revisionIds: ids('package revision')
      .optional()
      .meta({ description: 'These package revisions.', examples: [[EXAMPLE_ID]] }),
    variantSetId: identifier('The packages of the members that this variant set has then.').optional(),
  } satisfies { [Name in keyof CampaignSelection]-?: z.ZodType })
  .refine((given) => Object.values(given).filter((value) => value !== undefined).length === 1, {
    error: 'One of `filter`, `packageIds`, `revisionIds` and `variantSetId` is given.',
  })
  .meta({
    id: 'CampaignSelectionRequest',
    description:
      'What it is about, found anew by each plan: the latest publications of packages, or, to publish drafts, their drafts and proposals.',
    examples: [{ filter: { repository: 'fleet', upstreamState: ['behind'] } }],
  });

const most = (what: string) =>
  z
    .int()
    .min(0)
    .max(MOST_ITEMS)
    .default(0)
    .meta({ description: `${what}; one more, and the campaign pauses.`, examples: [0] });

const budget = z
  .strictObject({
    maxFailures: most('How many packages may fail'),
    maxUnhealthy: most('How many published packages may be reported degraded'),
  } satisfies { [Name in keyof CampaignBudget]-?: z.ZodType })
  .meta({ id: 'CampaignBudgetRequest', description: 'What it may cost.' });

const orderByDependencies = z.boolean().meta({
  description:
    'Whether packages of a target go behind those that they need, as `/targets/{id}/dependencies` finds it in what is planned; those that are retired, or taken back, before them.',
  examples: [true],
});

export const campaignCreateRequest = z
  .strictObject({
    name,
    description: description().nullable().default(null),
    change,
    selection,
    waves: waves.default([
      {
        ...{ name: 'all', maxParallel: 10, soakSeconds: 0 },
        gate: { minHealthyPercent: 0, conditions: [] },
        approval: 'automatic',
      },
    ]),
    budget: budget.default({ maxFailures: 0, maxUnhealthy: 0 }),
    orderByDependencies: orderByDependencies.default(false),
  })
  .meta({ id: 'CampaignCreateRequest', description: 'A change to roll out in waves.' });

export type CampaignCreateRequest = z.output<typeof campaignCreateRequest>;

export const campaignPatchRequest = z
  .strictObject({
    name: name.optional(),
    description: description().nullable().optional(),
    change: change.optional(),
    selection: selection.optional(),
    waves: waves.optional(),
    budget: budget.optional(),
    orderByDependencies: orderByDependencies.optional(),
  })
  .meta({
    id: 'CampaignPatchRequest',
    description:
      'What to change: what is left out stays. All but name and description make a plan void, and its approvals.',
    examples: [{ budget: { maxFailures: 3, maxUnhealthy: 0 } }],
  });

export type CampaignPatchRequest = z.output<typeof campaignPatchRequest>;

export const campaignApprovalRequest = z.strictObject({ comment }).meta({
  id: 'CampaignApprovalRequest',
  description: 'An approval of the plan; may be left out.',
  examples: [{ comment: 'Seen.' }],
});

export type CampaignApprovalRequest = z.output<typeof campaignApprovalRequest>;

export const campaignRollbackRequest = z
  .strictObject({ name, description: description().nullable().default(null) })
  .meta({ id: 'CampaignRollbackRequest', description: 'The campaign that is to take another back.' });

export type CampaignRollbackRequest = z.output<typeof campaignRollbackRequest>;

export const waveConditionRequest = z
  .strictObject({
    status: choice('WaveConditionStatus', ['True', 'False'], 'Whether it holds.'),
    message: text(1024)
      .default('')
      .meta({ description: 'Why, in a sentence.', examples: ['The error rate is below 1 %.'] }),
  })
  .meta({ id: 'WaveConditionRequest', description: 'What is to be said of the wave that is at work.' });

export type WaveConditionRequest = z.output<typeof waveConditionRequest>;

export const conditionSlot = conditionType.meta({
  description: 'The type of the condition.',
  examples: ['example.com/error-rate'],
});

export const campaignState = openChoice('CampaignState', CAMPAIGN_STATES, 'Where a campaign stands.');

export const campaignQuery = listQuery<CampaignFilter>(
  {
    name: textFilter(63, 'Only the campaign of this name.', 'web-v2'),
    state: listOf(campaignState).meta({ description: 'Only in these states.', examples: [['running']] }),
    createdBy: person('created'),
    packageId: identifier('Only those that are about this package.').optional(),
    q: textFilter(63, 'Only with this in their name.', 'web'),
  },
  CAMPAIGN_SORTS,
);

export type CampaignQuery = z.output<typeof campaignQuery>;
