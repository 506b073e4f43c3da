import { z } from 'zod';
import { selectorFault } from '../../domain/label-selector.js';
import { typeNamed } from '../../events/event-types.js';
import { openChoice } from '../../http/schema/choice.js';
import {
  count,
  description,
  EXAMPLE_ID,
  EXAMPLE_TIME,
  etag,
  identifier,
  nullableText,
  pageOf,
  timestamp,
} from '../../http/schema/fields.js';
import { flag, listOf, listQuery } from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';
import { DELIVERY_SORTS, type DeliveryFilter } from './delivery.filter.js';
import { WEBHOOK_SORTS, type WebhookFilter } from './webhook.filter.js';

const EXAMPLE_TYPES = [['dev.pkgserver.packageRevision.published']];

const name = text(255)
  .min(1)
  .meta({ description: 'Its name, for people; several may have the same.', examples: ['chat'] });
const url = text(2048)
  .min(1)
  .meta({
    description:
      'Where events are posted to: of a host that repositories could be on, by `https` unless it is allowed.',
    examples: ['https://chat.example.com/hooks/7'],
  });
const types = z
  .array(text(128).refine((given) => typeNamed(given), { error: 'There is no such type of event.' }))
  .max(100)
  .transform((names) => [...new Set(names)].flatMap((given) => typeNamed(given) ?? []))
  .meta({
    description: 'Only events of these types; none: all, also those of later versions.',
    examples: EXAMPLE_TYPES,
    openapi: { type: 'array', items: { type: 'string' }, maxItems: 100 },
  });
const enabled = z.boolean().meta({ description: 'Whether anything is sent.', examples: [true] });
const nullableId = z
  .uuid()
  .nullable()
  .meta({
    description: 'Only events of this repository and what is in it; `null`: of all.',
    examples: [EXAMPLE_ID],
    openapi: { type: ['string', 'null'], format: 'uuid' },
  });
const path = text(1024)
  .min(1)
  .refine((given) => !given.includes('*'), {
    error: 'A path is expected, and no pattern: no package has a `*` in its path.',
  })
  .nullable()
  .meta({ description: 'Only events of packages with this path; `null`: of all.', examples: ['edge-1/nf/core'] });
const labelSelector = text(4096)
  .min(1)
  .superRefine((given, { addIssue }) => {
    const fault = selectorFault(given);
    if (fault !== null) addIssue({ code: 'custom', message: fault });
  })
  .nullable()
  .meta({
    description: 'Only events of packages with these labels when it is told; `null`: whatever the labels.',
    examples: ['team=network'],
  });
const filter = z
  .strictObject({
    repositoryId: nullableId.default(null),
    path: path.default(null),
    labelSelector: labelSelector.default(null),
  })
  .meta({ id: 'WebhookFilterRequest', description: 'What it is told of.' });

const nullableTime = (what: string) => timestamp(what).nullable();

const fields = {
  id: identifier('The id of the webhook.'),
  name,
  url,
  types: z.array(z.string()).meta({ description: 'Only events of these types; none: all.', examples: EXAMPLE_TYPES }),
  filter: z
    .strictObject({ repositoryId: nullableId, path, labelSelector })
    .meta({ description: 'What it is told of.' }),
  enabled,
  disabledReason: nullableText('Why the service disabled it: `gone`, `failing` or `ownerLost`.', 'gone'),
  failingSince: nullableTime('Since when nothing but failures came; `null` where the last delivery arrived.'),
  description: z.string().meta({ description: 'What it is for.', examples: ['Tells the team.'] }),
  owner: z.string().meta({
    description: 'Whoever made or changed it last. It is told what this user may see.',
    examples: ['ada'],
  }),
  createdAt: timestamp('When it was made.'),
  createdBy: z.string().meta({ description: 'Who made it.', examples: ['ada'] }),
  updatedAt: timestamp('When it was last changed.'),
  etag: etag('the webhook and its secret'),
};

export const webhookResponse = z
  .strictObject(fields)
  .meta({ id: 'Webhook', description: 'Whom events are sent to, as Standard Webhooks has it.' });

export type WebhookResponse = z.output<typeof webhookResponse>;

export const issuedWebhookResponse = z
  .strictObject({
    ...fields,
    secret: z
      .string()
      .optional()
      .meta({
        description: 'What deliveries are signed with. It is shown this once, and not when an answer is repeated.',
        examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
      }),
  })
  .meta({ id: 'IssuedWebhook', description: 'A webhook with the secret that it was just given.' });

export type IssuedWebhookResponse = z.output<typeof issuedWebhookResponse>;

export const webhookPage = pageOf('WebhookPage', 'webhooks', webhookResponse);

export const webhookCreateRequest = z
  .strictObject({
    ...{ name, url },
    types: types.default([]),
    filter: filter.default({ repositoryId: null, path: null, labelSelector: null }),
    enabled: enabled.default(true),
    description: description().default(''),
  })
  .meta({ id: 'WebhookCreateRequest', description: 'A webhook to make.' });

export type WebhookCreateRequest = z.output<typeof webhookCreateRequest>;

export const webhookPatchRequest = z
  .strictObject({
    name: name.optional(),
    url: url.optional(),
    types: types.optional(),
    filter: z
      .strictObject({ labelSelector: labelSelector.optional() })
      .optional()
      .meta({ description: 'The rest of it stays as it is made.' }),
    enabled: enabled.optional(),
    description: description().optional(),
  })
  .meta({ id: 'WebhookPatchRequest', description: 'What is to change.' });

export type WebhookPatchRequest = z.output<typeof webhookPatchRequest>;

export const webhookQuery = listQuery<WebhookFilter>(
  {
    repositoryId: identifier('Only those of this repository.').optional(),
    enabled: flag().describe('Only those that are enabled, or are not.'),
  },
  WEBHOOK_SORTS,
);

export type WebhookQuery = z.output<typeof webhookQuery>;

export const testedResponse = z
  .strictObject({ eventId: identifier('The event that is sent: the `webhook-id` of its delivery.') })
  .meta({ id: 'TestedWebhook', description: 'A test that is on its way.' });

export type TestedResponse = z.output<typeof testedResponse>;

const state = openChoice(
  'WebhookDeliveryState',
  ['waiting', 'succeeded', 'failed', 'skipped'],
  'How far a delivery is; `skipped`: the owner may not see the event any more.',
);

export const deliveryResponse = z
  .strictObject({
    id: identifier('The id of the delivery.'),
    eventId: identifier('The event, and `webhook-id` of each attempt.'),
    sequence: z.string().meta({ description: 'That of the event.', examples: ['1773480413589123'] }),
    type: z.string().meta({ description: 'That of the event.', examples: EXAMPLE_TYPES[0] }),
    state,
    attempts: count('How often it was tried.', 2),
    status: z
      .int()
      .nullable()
      .meta({ description: 'That of the last answer.', examples: [503] }),
    answer: nullableText('The first 4 KiB of the last answer.', 'Try later.'),
    error: nullableText('What went wrong, beside the status.', 'There was no whole answer in time.'),
    createdAt: timestamp('When it was made.'),
    lastAttemptAt: nullableTime('When it was tried last.'),
    nextAttemptAt: nullableTime('When it is tried again; `null` before the first attempt and after the last.'),
    endedAt: nullableTime('When it succeeded, failed for good or was skipped.'),
  })
  .meta({
    id: 'WebhookDelivery',
    description: 'An event on its way to a webhook.',
    example: {
      ...{ id: EXAMPLE_ID, eventId: '0199a0de-0000-7000-8000-000000000007', sequence: '1773480413589123' },
      ...{ type: 'dev.pkgserver.packageRevision.published', state: 'succeeded', attempts: 1, status: 204 },
      ...{ answer: '', error: null, createdAt: EXAMPLE_TIME, lastAttemptAt: EXAMPLE_TIME },
      ...{ nextAttemptAt: null, endedAt: EXAMPLE_TIME },
    },
  });

export type DeliveryResponse = z.output<typeof deliveryResponse>;

export const deliveryPage = pageOf('WebhookDeliveryPage', 'deliveries', deliveryResponse);

export const deliveryQuery = listQuery<DeliveryFilter>(
  { state: listOf(state).describe('Only those in these states.') },
  DELIVERY_SORTS,
);

export type DeliveryQuery = z.output<typeof deliveryQuery>;
