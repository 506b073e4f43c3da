import { z } from 'zod';
import { DELIVERY_HEALTHS, DELIVERY_STATES } from '../../domain/delivery.js';
import { DRIFT_KINDS, DRIFT_RESOLUTIONS, DRIFT_STATES } from '../../domain/drift.js';
import { LIFECYCLES } from '../../domain/lifecycle.js';
import { OPERATION_KIND_NAMES, OPERATION_STATES } from '../../domain/operation.js';
import { VARIANT_STATES } from '../../domain/variant.js';
import { typeNamed } from '../../events/event-types.js';
import {
  conditionResponse,
  EXAMPLE_ID,
  identifier,
  nullableText,
  pageOf,
  timestamp,
} from '../../http/schema/fields.js';
import { listOf, listQuery, textFilter } from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';
import { campaign } from './campaign-event.schema.js';
import { eventExamples } from './event.examples.js';
import { EVENT_SORTS, type EventFilter } from './event.filter.js';

const EXAMPLE_TREE = 'ba5eba115b7e2a4d6f8091a2b3c4d5e6f708192a';

const id = () => identifier('Its id.');
const nullableId = (description: string) =>
  z
    .uuid()
    .nullable()
    .meta({ description, examples: [EXAMPLE_ID], openapi: { type: ['string', 'null'], format: 'uuid' } });
const path = () => z.string().meta({ description: "The package's path.", examples: ['edge-1/nf/core'] });
const repositoryId = () => identifier('The repository it is in.');
const changed = z
  .array(z.string())
  .optional()
  .meta({ description: 'The fields that changed.', examples: [['labels']] });
const total = (what: string, example: number) =>
  z
    .int()
    .optional()
    .meta({ description: `How many ${what} were found.`, examples: [example] });

const repository = z
  .strictObject({
    id: id(),
    name: z.string().meta({ description: 'Its name.', examples: ['blueprints'] }),
    changed,
    condition: conditionResponse.optional(),
    packages: total('packages', 60),
    packageRevisions: total('revisions', 127),
  })
  .meta({ id: 'EventRepository', description: 'What a repository event tells.' });

const word = <Word extends string>(words: readonly [Word, ...Word[]], description: string) =>
  z.enum(words).meta({ description, openapi: { type: 'string' }, examples: [words[0]] });

const packageFacts = z
  .strictObject({
    id: id(),
    repositoryId: repositoryId(),
    path: path(),
    headTree: nullableText('The tree that the branch holds of it; `null`: nothing.', EXAMPLE_TREE),
    changed,
    delivery: z
      .strictObject({
        tool: z.string().meta({ description: 'The tool.', examples: ['flux'] }),
        state: word(DELIVERY_STATES, 'What it is doing.'),
        health: word(DELIVERY_HEALTHS, 'How that fares.'),
        revision: nullableText('The revision that it is about.', 'v2'),
      })
      .optional()
      .meta({ id: 'EventDelivery', description: 'Of `delivered`: what was reported.' }),
    upstream: z
      .strictObject({
        url: z.string().meta({ description: 'Its repository.', examples: ['https://git.example.com/blueprints.git'] }),
        directory: z.string().meta({ description: 'Its directory there.', examples: ['nf/core'] }),
        ref: z
          .string()
          .meta({ description: 'The tag or branch that the package was made from.', examples: ['nf/core/v1'] }),
      })
      .optional()
      .meta({ id: 'EventUpstream', description: 'Of `upstreamBehind`: what the package was made from.' }),
  })
  .meta({ id: 'EventPackage', description: 'What a package event tells.' });

const target = z
  .strictObject({
    id: id(),
    name: z.string().meta({ description: 'Its name.', examples: ['edge-1'] }),
    changed,
  })
  .meta({ id: 'EventTarget', description: 'What a target event tells.' });

const variant = z
  .strictObject({
    id: id(),
    name: z.string().meta({ description: 'Its name.', examples: ['web/edge-1'] }),
    repositoryId: repositoryId(),
    path: path(),
    state: z
      .enum(VARIANT_STATES)
      .meta({ description: 'Its state.', openapi: { type: 'string' }, examples: ['drafted'] }),
  })
  .meta({ id: 'EventVariant', description: 'What a variant event tells.' });

const packageRevision = z
  .strictObject({
    id: id(),
    name: z.string().meta({ description: 'Its name.', examples: ['edge-1.fleet.nf.core.initial'] }),
    repositoryId: repositoryId(),
    packageId: identifier('Its package.'),
    path: path(),
    workspace: z.string().meta({ description: 'Its workspace.', examples: ['initial'] }),
    lifecycle: z
      .enum(LIFECYCLES)
      .meta({ description: 'Its state.', openapi: { type: 'string' }, examples: ['published'] }),
    revision: nullableText('Its number, once published.', 'v1'),
    tree: z.string().meta({ description: 'The OID of its tree.', examples: [EXAMPLE_TREE] }),
    commit: nullableText('The commit of its tag or branch.', 'c0ffee5b7e2a4d6f8091a2b3c4d5e6f708192a3b'),
    previously: z.record(z.string(), z.string().nullable()).meta({
      description: 'What of these was another before, and which.',
      examples: [{ lifecycle: 'proposed', revision: null }],
    }),
    conditions: z.array(conditionResponse).optional().meta({ description: 'Of `conditionSet`: all conditions.' }),
  })
  .meta({ id: 'EventPackageRevision', description: 'What a revision event tells: it as it is then, or was at last.' });

const drift = z
  .strictObject({
    id: id(),
    kind: word(DRIFT_KINDS, 'What was found.'),
    state: word(DRIFT_STATES, 'Its state.'),
    repositoryId: repositoryId(),
    path: nullableText("The package's path; `null`: it is about the repository as a whole.", 'edge-1/nf/core'),
    packageRevisionId: nullableId('The revision that it is about.'),
    ref: z.string().meta({ description: 'The branch or tag.', examples: ['edge-1/nf/core/v1'] }),
    commit: nullableText('The commit that it is at.', 'c0ffee5b7e2a4d6f8091a2b3c4d5e6f708192a3b'),
    heldCommit: nullableText('The commit that the service held.', 'ba5eba115b7e2a4d6f8091a2b3c4d5e6f708192a'),
    resolution: word(DRIFT_RESOLUTIONS, 'How it ended.').optional(),
  })
  .meta({ id: 'EventDrift', description: 'What a drift event tells.' });

const operation = z
  .strictObject({
    id: id(),
    kind: z
      .enum(OPERATION_KIND_NAMES)
      .meta({ description: 'What was done.', openapi: { type: 'string' }, examples: ['publish'] }),
    state: z
      .enum(OPERATION_STATES)
      .meta({ description: 'How it ended.', openapi: { type: 'string' }, examples: ['succeeded'] }),
    repositoryId: nullableId('The repository that it worked on.'),
    packageRevisionId: nullableId('The revision that it worked on.'),
    requestedBy: z.string().meta({ description: 'Who asked for it.', examples: ['ada'] }),
    error: nullableText('The `code` of its problem, where it failed.', 'remoteRejected'),
  })
  .meta({ id: 'EventOperation', description: 'What an operation event tells.' });

const webhook = z
  .strictObject({
    id: id(),
    name: z.string().meta({ description: 'Its name.', examples: ['chat'] }),
    repositoryId: nullableId('The repository that it is of.'),
    reason: z
      .enum(['gone', 'failing', 'ownerLost'])
      .optional()
      .meta({ description: 'Why it was disabled.', openapi: { type: 'string' }, examples: ['gone'] }),
  })
  .meta({ id: 'EventWebhook', description: 'What a webhook event tells.' });

export const eventResponse = z
  .strictObject({
    specversion: z.literal('1.0').describe('Of CloudEvents.'),
    id: identifier('The id of the event.'),
    source: z.string().meta({
      description: 'Where `subject` is to be found: a path, or a URL where the server was told its own (`PUBLIC_URL`).',
      examples: ['/api/v1'],
    }),
    type: z.string().meta({
      description: 'What happened: one of those in docs/events.md.',
      examples: ['dev.pkgserver.packageRevision.published'],
    }),
    subject: z.string().meta({
      description: 'What it is about: behind `source`, the URL of the resource.',
      examples: [`package-revisions/${EXAMPLE_ID}`],
    }),
    time: timestamp('When it happened.'),
    datacontenttype: z.literal('application/json').describe('Of `data`.'),
    sequence: z.string().meta({
      description: 'Its place in the one order of all events: a whole number. Steps say nothing of what is between.',
      examples: ['1773480413589123'],
    }),
    actor: nullableText('Who did it; `null` where nobody is known.', 'ada'),
    data: z
      .strictObject({
        repository: repository.optional(),
        package: packageFacts.optional(),
        target: target.optional(),
        variant: variant.optional(),
        campaign: campaign.optional(),
        packageRevision: packageRevision.optional(),
        drift: drift.optional(),
        operation: operation.optional(),
        webhook: webhook.optional(),
      })
      .meta({ id: 'EventData', description: 'Ids, names and what changed, under the noun of `type`.' }),
  })
  .meta({ id: 'Event', description: 'What happened: a CloudEvent.', states: eventExamples });

export type EventResponse = z.output<typeof eventResponse>;

export const eventPage = pageOf('EventPage', 'events', eventResponse);

const sequence = z
  .string()
  .regex(/^\d{1,16}$/, { error: 'A whole number of at most 16 digits is expected.' })
  .transform(Number);

export const eventQuery = listQuery<EventFilter>(
  {
    after: sequence.optional().meta({
      description: 'Only what is behind this `sequence`, or behind the `X-Event-Sequence` of a list.',
      examples: [1773480413589123],
      openapi: { type: 'integer', format: 'int64', minimum: 0 },
    }),
    type: listOf(text(128).refine((name) => typeNamed(name), { error: 'There is no such type of event.' }))
      .transform((names) => names?.flatMap((name) => typeNamed(name) ?? []))
      .meta({
        description: 'Only events of these types.',
        examples: [['dev.pkgserver.packageRevision.published']],
        openapi: { type: 'array', items: { type: 'string' } },
      }),
    repositoryId: identifier('Only events of this repository and what is in it.').optional(),
    path: textFilter(1024, 'Only events of packages with this path.', 'edge-1/nf/core'),
    packageRevisionId: identifier('Only events of this revision.').optional(),
    actor: textFilter(512, 'Only what this user did.', 'ada'),
  },
  EVENT_SORTS,
);

export type EventQuery = z.output<typeof eventQuery>;
