import { z } from 'zod';
import { count, EXAMPLE_ID, identifier, pageOf, timestamp } from '../../http/schema/fields.js';
import { problemSchema } from '../../http/problem.schema.js';
import { choice, openChoice } from '../../http/schema/choice.js';
import { listOf, listQuery, textFilter, wholeNumber } from '../../http/schema/query.js';
import { MAX_WAIT_SECONDS } from '../../http/prefer.js';
import { operationExamples } from './operation.examples.js';
import { factsOf, OPERATION_KIND_NAMES, OPERATION_STATES } from '../../domain/operation.js';
import { OPERATION_SORTS, type OperationFilter } from './operation.filter.js';

const kind = openChoice(
  'OperationKind',
  OPERATION_KIND_NAMES,
  `What is done: ${OPERATION_KIND_NAMES.map((name) => `\`${name}\` ${factsOf(name).does}`).join(', ')}.`,
);
const state = choice('OperationState', OPERATION_STATES, 'Where an operation stands.');

const operationTarget = z
  .strictObject({
    type: openChoice(
      'OperationTargetType',
      ['Repository', 'PackageRevision', 'Instance', 'Campaign'],
      'What kind of resource it is.',
    ),
    id: identifier('Its id.'),
    name: z.string().meta({ description: 'Its name when the operation was asked for.', examples: ['blueprints'] }),
  })
  .meta({ id: 'OperationTarget', description: 'What the operation works on.' });

const operationProgress = z
  .strictObject({
    done: z
      .int()
      .min(0)
      .meta({ description: 'How many steps are done.', examples: [3] }),
    total: z
      .int()
      .min(0)
      .nullable()
      .meta({ description: 'How many there are, once known.', examples: [7] }),
    message: z
      .string()
      .nullable()
      .meta({ description: 'What is being done.', examples: ['Reading packages'] }),
  })
  .meta({ id: 'OperationProgress', description: 'How far a running operation has come.' });

const operationResult = z
  .looseObject({
    resource: z
      .strictObject({
        type: z.string().meta({ description: 'What kind of resource it is.', examples: ['Repository'] }),
        id: identifier('Its id.'),
      })
      .nullable()
      .optional()
      .meta({
        description: 'The resource that the operation led to; `null` when it is gone.',
        examples: [{ type: 'Repository', id: EXAMPLE_ID }],
      }),
    revision: z
      .string()
      .optional()
      .meta({ description: 'Of `publish`: the number that the revision was given.', examples: ['v1'] }),
    tag: z
      .string()
      .optional()
      .meta({ description: 'Of `publish`: its tag.', examples: ['nf/core/v1'] }),
    commit: z
      .string()
      .nullable()
      .optional()
      .meta({
        description: 'Of `publish` and `push`: the commit of the tag or branch.',
        examples: ['c0ffee5b7e2a4d6f8091a2b3c4d5e6f708192a3b'],
      }),
    branch: z
      .string()
      .nullable()
      .optional()
      .meta({ description: 'Of `push`: the branch.', examples: ['drafts/nf/core/initial'] }),
    kept: z
      .array(z.string())
      .optional()
      .meta({
        description: 'Of `discard`: branches that somebody else had moved; they stay.',
        examples: [['drafts/nf/core/initial']],
      }),
    removed: z
      .record(z.string(), z.int().min(0))
      .optional()
      .meta({
        description: 'Of `retention`: how many rows its last attempt removed, by what they were.',
        examples: [{ operations: 120, idempotencyKeys: 40, trees: 3, blobs: 17 }],
      }),
    action: z
      .string()
      .optional()
      .meta({ description: 'Of `bulk`: what was done to each package revision.', examples: ['approve'] }),
    items: z
      .strictObject({
        succeeded: count('Done.', 998),
        failed: count('Refused, or not possible.', 2),
        cancelled: count('Left out.', 0),
      })
      .optional()
      .meta({ id: 'OperationItemCounts', description: 'Of `bulk`: how many items ended how.' }),
  })
  .meta({ id: 'OperationResult', description: 'What a succeeded operation led to.' });

export const operationResponse = z
  .strictObject({
    id: identifier('The id of the operation.'),
    kind,
    state,
    repositoryId: identifier(
      'The repository whose remote it touches or, of `clone`, in which the draft is; `null`: it works on the instance as a whole.',
    ).nullable(),
    target: operationTarget,
    progress: operationProgress.nullable().meta({
      description: 'How far it has come; `null` until it runs.',
      examples: [{ done: 3, total: 7, message: 'Reading packages' }],
    }),
    waitingFor: z
      .string()
      .nullable()
      .meta({
        description:
          'What it waits for, as a sentence for people. Queued: the next attempt at a remote that could not be read, ' +
          'earlier work in its repository, or a free worker. Running: what failed last and is tried again. `null` while ' +
          'it is worked on and once it has ended.',
        examples: ['The remote could not be read; the next attempt is at 2026-03-14T09:26:53.589Z.'],
      }),
    attempts: z
      .int()
      .min(0)
      .meta({ description: 'How often it was begun.', examples: [1] }),
    result: operationResult.nullable().meta({
      description: 'What it led to; `null` until it has succeeded.',
      examples: [{ resource: { type: 'Repository', id: EXAMPLE_ID } }],
    }),
    error: problemSchema.nullable().meta({
      description: 'Why it failed; `null` unless it has.',
      examples: [null],
    }),
    requestedBy: z.string().meta({ description: 'Who asked for it.', examples: ['ada'] }),
    createdAt: timestamp('When it was asked for.'),
    startedAt: timestamp('When it was first begun; `null` until then.').nullable(),
    finishedAt: timestamp('When it ended; `null` until then.').nullable(),
  })
  .meta({
    id: 'Operation',
    description: 'A durable record of work that goes on after the answer.',
    states: operationExamples,
  });

export type OperationResponse = z.output<typeof operationResponse>;

export const operationPage = pageOf('OperationPage', 'operations', operationResponse);

export const operationQuery = listQuery<OperationFilter>(
  {
    repositoryId: identifier('Only operations on this repository.').optional(),
    repository: textFilter(63, 'Only operations on the repository of this name.', 'blueprints'),
    revisionId: identifier('Only operations on this package revision.').optional(),
    kind: listOf(kind).meta({
      description: 'Only operations of these kinds.',
      examples: [['sync', 'publish']],
    }),
    state: listOf(state).meta({
      description: 'Only operations in these states.',
      examples: [['queued', 'running']],
    }),
  },
  OPERATION_SORTS,
);

export type OperationQuery = z.output<typeof operationQuery>;

export const operationWaitQuery = z.strictObject({
  wait: z
    .union([z.literal('0'), wholeNumber])
    .optional()
    .transform((value) => Math.min(Number(value ?? 0), MAX_WAIT_SECONDS))
    .meta({
      description: `Seconds to hold the answer until the operation has ended; more than ${MAX_WAIT_SECONDS} is taken as ${MAX_WAIT_SECONDS}.`,
      examples: [30],
      openapi: { type: 'integer', minimum: 0, default: 0 },
    }),
});
