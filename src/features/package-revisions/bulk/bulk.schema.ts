import { z } from 'zod';
import { type BulkParameters, MOST_ITEMS } from '../../../domain/bulk.js';
import { openChoice } from '../../../http/schema/choice.js';
import {
  annotationsPatch,
  EXAMPLE_ETAG,
  EXAMPLE_ID,
  givenName,
  identifier,
  labelsPatch,
} from '../../../http/schema/fields.js';
import { text } from '../../../http/schema/text.js';
import type { RevisionFilter } from '../../../revisions/package-revision.filter.js';
import { operationItemResponse } from '../../operations/operation-item.schema.js';
import { comment, revisionFilters } from '../package-revision.request.schema.js';
import { deletionHead, lifecycle } from '../package-revision.schema.js';
import { defaultResolution, newUpstream, resolutionsRequest, upgradeStrategy } from '../upgrades/upgrade.schema.js';
import { bulkAction, BULK_ACTION_NAMES } from './bulk-actions.js';

const names = (which: (name: (typeof BULK_ACTION_NAMES)[number]) => boolean): string =>
  BULK_ACTION_NAMES.filter(which)
    .map((name) => `\`${name}\``)
    .join(', ');

const action = openChoice('BulkAction', BULK_ACTION_NAMES, 'What is done to each package revision.');

const taking = (name: keyof BulkParameters, what: string) =>
  `${what} Of ${names((each) => bulkAction(each).takes.includes(name))}.`;

const fields: { [Name in keyof Required<BulkParameters>]: z.ZodType<BulkParameters[Name]> } = {
  comment: comment.meta({ description: taking('comment', 'What you say about it.') }),
  force: z
    .boolean()
    .optional()
    .meta({
      description: taking(
        'force',
        'Although others name it as their upstream or need its package, or the ref differs.',
      ),
      examples: [true],
    }),
  head: deletionHead.optional().meta({ description: taking('head', 'What the ref is to hold then.') }),
  labels: labelsPatch.nullable().optional(),
  annotations: annotationsPatch.nullable().optional(),
  workspace: givenName(
    taking('workspace', 'A name for the drafts, unique within each package.'),
    'upgrade-v2',
  ).optional(),
  to: newUpstream.optional(),
  upstreamPackageId: identifier(
    taking(
      'upstreamPackageId',
      'What of each is upgraded: whatever was made from this package, itself and its folders; left out: what the filter has, or else itself.',
    ),
  ).optional(),
  strategy: upgradeStrategy.optional(),
  allowOtherPackage: z
    .boolean()
    .optional()
    .meta({ description: taking('allowOtherPackage', 'Although the upstream is another package.'), examples: [true] }),
  resolutions: resolutionsRequest.optional(),
  defaultResolution: defaultResolution.optional(),
};

const parameters = z.strictObject(fields).meta({
  id: 'BulkParameters',
  description: 'What a request for one package revision has in its body or query.',
  examples: [{ comment: 'Release 42.' }],
});

const item = z
  .strictObject({
    id: z
      .uuid()
      .toLowerCase()
      .meta({
        description: 'The package revision.',
        examples: [EXAMPLE_ID],
        openapi: { type: 'string', format: 'uuid' },
      }),
    etag: text(1024)
      .min(1)
      .optional()
      .meta({
        description:
          'The entity tag that you have seen, or `*` for whatever it is now. Required for ' +
          `${names((name) => bulkAction(name).needsEtag)}.`,
        examples: [EXAMPLE_ETAG],
      }),
    parameters: parameters.optional().meta({ description: 'What is another than for all.' }),
  })
  .meta({ id: 'BulkItem', description: 'One package revision of a bulk request.' });

const { asOf: _past, lifecycle: _states, latest: _flag, ...asInLists } = revisionFilters;

export const bulkFilter = z
  .strictObject({
    ...asInLists,
    lifecycle: z
      .array(lifecycle)
      .min(1)
      .max(100)
      .optional()
      .meta({ description: 'Only in these states.', examples: [['draft']] }),
    latest: z
      .boolean()
      .optional()
      .meta({
        description: "`true`: only the packages' highest published versions; `false`: only the others.",
        examples: [true],
      }),
  } satisfies { [Name in keyof Omit<RevisionFilter, 'asOf'>]-?: z.ZodType<RevisionFilter[Name]> })
  .refine((given) => Object.values(given).some((value) => value !== undefined), {
    error: 'A filter chooses by something.',
  })
  .meta({
    id: 'BulkFilter',
    description: 'The filters of the list of package revisions: those that match are found when the request is read.',
    examples: [{ repository: 'blueprints', lifecycle: ['draft'] }],
  });

const request = z.strictObject({
  action,
  items: z
    .array(item)
    .min(1)
    .max(MOST_ITEMS)
    .optional()
    .meta({ description: `The package revisions, each once; at most ${MOST_ITEMS}.` }),
  filter: bulkFilter.optional(),
  parameters: parameters.optional(),
});

type Request = z.output<typeof request>;

export const bulkRequest = request.superRefine(check).meta({
  id: 'BulkRequest',
  description: 'One action on many package revisions: those of `items`, or those that match `filter`.',
  examples: [
    { action: 'approve', items: [{ id: EXAMPLE_ID, etag: EXAMPLE_ETAG }], parameters: { comment: 'Release 42.' } },
  ],
});

export type BulkRequestBody = z.output<typeof bulkRequest>;

export const bulkResponse = z
  .strictObject({
    operationId: identifier('The operation that has done it; `null`: there is none, as in a dry run.').nullable(),
    items: z
      .array(operationItemResponse)
      .meta({ description: 'What became of each package revision, in the order of the request.' }),
  })
  .meta({ id: 'BulkResult', description: 'What became of the package revisions of a bulk request.' });

export type BulkResponse = z.output<typeof bulkResponse>;

function check(
  { action: name, items, filter: chosen, parameters: common }: Request,
  context: z.core.$RefinementCtx,
): void {
  const fault = (message: string, path: (string | number)[]) => context.addIssue({ code: 'custom', message, path });
  const { needsEtag, takes, needs = [] } = bulkAction(name);
  if ((items === undefined) === (chosen === undefined)) fault('Either `items` or `filter` is given.', ['items']);
  const checkParameters = (given: BulkParameters | undefined, path: (string | number)[]) => {
    const others = Object.keys(given ?? {}).filter((key) => !takes.includes(key as keyof BulkParameters));
    for (const key of others) fault(`"${name}" takes no such parameter.`, [...path, 'parameters', key]);
  };
  checkParameters(common, []);
  const missing = needs.filter((key) => common?.[key] === undefined);
  const checkNeeds = (given: BulkParameters | undefined, path: (string | number)[]) => {
    for (const key of missing)
      if (given?.[key] === undefined) fault(`"${name}" needs it.`, [...path, 'parameters', key]);
  };
  if (chosen) checkNeeds(undefined, []);
  const seen = new Set<string>();
  items?.forEach(({ id, etag, parameters: own }, index) => {
    if (seen.has(id)) fault('It stands in the request before.', ['items', index, 'id']);
    seen.add(id);
    if (needsEtag && etag === undefined)
      fault(`"${name}" needs what you have seen, or \`*\`.`, ['items', index, 'etag']);
    checkParameters(own, ['items', index]);
    checkNeeds(own, ['items', index]);
  });
}
