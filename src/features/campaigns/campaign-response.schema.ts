import { z } from 'zod';
import { CAMPAIGN_ITEM_STATES, type CampaignItemState, WAVE_STATES } from '../../domain/campaign.js';
import { openChoice } from '../../http/schema/choice.js';
import { count, etag, EXAMPLE_ID, identifier, nullableText, pageOf, timestamp } from '../../http/schema/fields.js';
import { campaignState } from './campaign.schema.js';

const EXAMPLE_DIGEST = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

const counts = z
  .strictObject(
    Object.fromEntries(
      CAMPAIGN_ITEM_STATES.map((state) => [state, count(`Items that are \`${state}\`.`, 0)]),
    ) as Record<CampaignItemState, z.ZodInt>,
  )
  .meta({ id: 'CampaignItemCounts', description: 'How many items, of those that you may see, are in each state.' });

const upgradedTo = z
  .strictObject({ revisionId: identifier('Its id.') })
  .meta({ id: 'CampaignUpgradedTo', description: 'The new revision of the upstream.' });

const change = z
  .looseObject({
    type: openChoice(
      'CampaignChangeType',
      ['upgrade', 'mutate', 'publishDrafts', 'retire', 'rollback'],
      'What is done to each package. `rollback`: what it held before another campaign is published again.',
    ),
    to: upgradedTo
      .nullable()
      .optional()
      .meta({
        description: 'Of `upgrade`: the new revision; `null`: you do not see all that the campaign is about.',
        examples: [{ revisionId: EXAMPLE_ID }],
      }),
    force: z
      .boolean()
      .optional()
      .meta({ description: 'Of `retire`: although packages that stay need them.', examples: [false] }),
    campaignId: identifier('Of `rollback`: the campaign that is taken back.').optional(),
  })
  .meta({ id: 'CampaignChange', description: 'What is done to each package.' });

const waveCondition = z
  .strictObject({
    type: z.string().meta({ description: 'What it is about.', examples: ['example.com/error-rate'] }),
    status: z.string().meta({ description: '`True` or `False`.', examples: ['True'] }),
    message: z.string().meta({ description: 'Why.', examples: ['The error rate is below 1 %.'] }),
    by: z.string().meta({ description: 'Who said it.', examples: ['probe'] }),
    at: timestamp('When.'),
  })
  .meta({ id: 'WaveCondition', description: 'What a checker has said of a wave.' });

const wave = z
  .strictObject({
    name: z.string().meta({ description: 'Its name.', examples: ['canary'] }),
    labelSelector: nullableText('What belongs to it, by labels; `null`: whatever.', 'stage=canary'),
    percent: z
      .int()
      .nullable()
      .meta({ description: 'At most this share of all.', examples: [10] }),
    count: z
      .int()
      .nullable()
      .meta({ description: 'At most so many.', examples: [null] }),
    maxParallel: z.int().meta({ description: 'How many are at work at a time.', examples: [10] }),
    soakSeconds: z.int().meta({ description: 'How long each is watched.', examples: [600] }),
    gate: z
      .strictObject({
        minHealthyPercent: z.int().meta({ description: 'How many have to be healthy.', examples: [95] }),
        conditions: z
          .array(z.string())
          .meta({ description: 'What has to be said of it.', examples: [['example.com/error-rate']] }),
      })
      .meta({ id: 'WaveGate', description: 'What has to hold before the next wave begins.' }),
    approval: z.string().meta({ description: '`automatic` or `manual`.', examples: ['automatic'] }),
    state: openChoice(
      'WaveState',
      WAVE_STATES,
      '`soaking`: all is published, and is watched. `gated`: its gate is not open.',
    ),
    conditions: z.array(waveCondition).meta({ description: 'What checkers have said of it.' }),
    continuedBy: nullableText('Who has let it begin.', 'ada'),
    counts,
    startedAt: timestamp('When it began.').nullable(),
    finishedAt: timestamp('When its gate was open.').nullable(),
  })
  .meta({ id: 'CampaignWave', description: 'Some of the items, which go together.' });

const planApproval = z
  .strictObject({
    approvedBy: z.string().meta({ description: 'Who.', examples: ['grace'] }),
    comment: nullableText('What they said.', 'Seen.'),
    createdAt: timestamp('When.'),
  })
  .meta({ id: 'PlanApproval', description: 'That somebody stands for a plan.' });

const plan = z
  .strictObject({
    digest: z.string().meta({
      description: 'Over each tree that would be published, and in which wave: what `approve` takes as `If-Match`.',
      examples: [EXAMPLE_DIGEST],
    }),
    plannedAt: timestamp('When it was worked out.'),
    plannedBy: z.string().meta({ description: 'Who asked for it.', examples: ['ada'] }),
    requiredApprovals: z.int().meta({ description: 'How many people have to approve it.', examples: [1] }),
    missingApprovals: z.int().meta({ description: 'How many are missing.', examples: [0] }),
    approvals: z.array(planApproval).meta({ description: 'Those that count, in their order.' }),
  })
  .meta({ id: 'CampaignPlan', description: 'What would be done.' });

const progress = z
  .strictObject({
    wave: z
      .int()
      .nullable()
      .meta({ description: 'The wave that is at work, from 0.', examples: [0] }),
    counts,
    waitingFor: nullableText(
      'What it waits for, for people.',
      'Its gate waits until 95 % of what it published are reported healthy.',
    ),
    estimate: timestamp('When it may end, at its pace so far; `null`: nobody can tell.').nullable(),
  })
  .meta({ id: 'CampaignProgress', description: 'How far it has come.' });

const reason = z
  .strictObject({
    code: openChoice(
      'PauseCode',
      ['asked', 'failures', 'unhealthy'],
      '`failures`, `unhealthy`: more than its budget allows have failed, or are reported degraded or failed.',
    ),
    by: nullableText('Who paused it; `null`: the budget did.', 'ada'),
  })
  .meta({ id: 'PauseReason', description: 'Why it is paused.' });

export const campaignResponse = z
  .strictObject({
    id: identifier('The id of the campaign.'),
    name: z.string().meta({ description: 'Its name.', examples: ['web-v2'] }),
    description: nullableText('What it is for.', 'The new base image.'),
    change,
    selection: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({
        description: 'What it is about; `null`: you do not see all of that.',
        examples: [{ packageIds: [EXAMPLE_ID] }],
      }),
    waves: z.array(wave).meta({ description: 'One after the other.' }),
    budget: z
      .strictObject({
        maxFailures: z.int().meta({ description: 'How many may fail.', examples: [0] }),
        maxUnhealthy: z.int().meta({ description: 'How many may be degraded.', examples: [0] }),
      })
      .meta({ id: 'CampaignBudget', description: 'What it may cost.' }),
    orderByDependencies: z.boolean().meta({
      description: 'Whether packages of a target go behind those that they need.',
      examples: [false],
    }),
    state: campaignState,
    reason: reason.nullable(),
    plan: plan.nullable().meta({ description: '`null`: there is none, or not any more.' }),
    progress,
    operationId: identifier('The operation that carries it out, or the one that plans it.').nullable(),
    startedAt: timestamp('When it was started.').nullable(),
    startedBy: nullableText('Who started it, and whose rights it has.', 'ada'),
    finishedAt: timestamp('When it ended.').nullable(),
    createdAt: timestamp('When it was created.'),
    createdBy: z.string().meta({ description: 'Who created it.', examples: ['ada'] }),
    updatedAt: timestamp('When somebody changed it last.'),
    etag: etag('the campaign'),
  })
  .meta({ id: 'Campaign', description: 'A change that is rolled out over many packages in waves.' });

export type CampaignResponse = z.output<typeof campaignResponse>;

export const campaignPage = pageOf('CampaignPage', 'campaigns', campaignResponse);
