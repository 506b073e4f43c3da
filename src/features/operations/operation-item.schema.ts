import { z } from 'zod';
import { EXAMPLE_ETAG, EXAMPLE_ID, identifier, pageOf } from '../../http/schema/fields.js';
import { problemSchema } from '../../http/problem.schema.js';
import { openChoice } from '../../http/schema/choice.js';
import { listOf, listQuery } from '../../http/schema/query.js';
import { OPERATION_ITEM_STATES } from '../../domain/operation.js';
import { OPERATION_ITEM_SORTS, type OperationItemFilter } from './operation-item.filter.js';

const status = openChoice(
  'OperationItemStatus',
  OPERATION_ITEM_STATES,
  'Where an item stands: not begun (`waiting`); an operation of its own is at work (`started`); done (`succeeded`); refused, ' +
    'or not possible (`failed`); left out, since somebody has cancelled it (`cancelled`).',
);

export const operationItemResponse = z
  .strictObject({
    id: identifier('The package revision.'),
    status,
    etag: z
      .string()
      .optional()
      .meta({
        description:
          'The entity tag that the revision, or the draft made of it, had when this was done; left out where it failed, is ' +
          'gone, or an operation goes on. In a dry run: the one that it has, to be sent back.',
        examples: [EXAMPLE_ETAG],
      }),
    operationId: identifier('The operation that publishes or deletes it.').optional(),
    draftId: identifier('The draft that was made of it.').optional(),
    warnings: z
      .array(z.string())
      .optional()
      .meta({
        description:
          'What you should know of the draft, a sentence each, as the preview of an upgrade has it; left out: nothing.',
        examples: [['v1 is older than v2: this is a downgrade.']],
      }),
    error: problemSchema.optional().meta({ description: 'Why it failed, as a single request would have been told.' }),
  })
  .meta({
    id: 'OperationItem',
    description: 'What became of one package revision of a bulk request.',
    examples: [{ id: EXAMPLE_ID, status: 'succeeded', etag: EXAMPLE_ETAG }],
  });

export type OperationItemResponse = z.output<typeof operationItemResponse>;

export const operationItemPage = pageOf('OperationItemPage', 'items', operationItemResponse);

export const operationItemQuery = listQuery<OperationItemFilter>(
  { status: listOf(status).meta({ description: 'Only those that stand so.', examples: [['failed']] }) },
  OPERATION_ITEM_SORTS,
);

export type OperationItemQuery = z.output<typeof operationItemQuery>;
