import { z } from 'zod';
import { selectorFault } from '../../domain/label-selector.js';
import { PATH_SEGMENT } from '../../domain/naming.js';
import { VARIANT_STATES } from '../../domain/variant.js';
import { count, description, etag, givenName, identifier, pageOf, timestamp } from '../../http/schema/fields.js';
import { listQuery, textFilter } from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';
import {
  downstreamPlace,
  EXAMPLE_UPSTREAM,
  rulesPatch,
  rulesRequest,
  rulesResponse,
  upstream,
} from './variant-fields.schema.js';
import { VARIANT_SET_SORTS, type VariantSetFilter } from './variant-set.filter.js';

const MOST_NAMES = 5_000;

const NAMED = {
  description: 'These targets; one that is not there comes to be with its package.',
  examples: [['edge-1']],
};
const SELECTED = {
  description: 'All targets with these labels, also those that come later.',
  examples: ['tier=edge'],
};
const TARGETS = { description: 'The targets that have a member.', examples: [{ labelSelector: 'tier=edge' }] };

const targetsRequest = z
  .union([
    z
      .strictObject({
        labelSelector: text(4096)
          .min(1)
          .superRefine((given, { addIssue }) => {
            const fault = selectorFault(given);
            if (fault !== null) addIssue({ code: 'custom', message: fault });
          })
          .meta(SELECTED),
      })
      .meta({ id: 'TargetsByLabelsRequest', description: 'Those with labels.' }),
    z
      .strictObject({
        names: z
          .array(z.string().regex(PATH_SEGMENT, { error: 'It is no name of a target.' }))
          .min(1)
          .max(MOST_NAMES)
          .refine((names) => new Set(names).size === names.length, { error: 'A name stands there twice.' })
          .meta(NAMED),
      })
      .meta({ id: 'TargetsByNamesRequest', description: 'Those of a list.' }),
  ])
  .meta({ id: 'TargetChoiceRequest', ...TARGETS });

const targets = z
  .union([
    z
      .strictObject({ labelSelector: z.string().meta(SELECTED) })
      .meta({ id: 'TargetsByLabels', description: 'Those with labels.' }),
    z
      .strictObject({ names: z.array(z.string()).meta(NAMED) })
      .meta({ id: 'TargetsByNames', description: 'Those of a list.' }),
  ])
  .meta({ id: 'TargetChoice', ...TARGETS });

const counts = z
  .strictObject(
    Object.fromEntries(VARIANT_STATES.map((state) => [state, count(`Those that are ${state}.`, 0)])) as Record<
      (typeof VARIANT_STATES)[number],
      z.ZodInt
    >,
  )
  .meta({ id: 'VariantCounts', description: 'How many members are in which state.' });

export const variantSetResponse = z
  .strictObject({
    id: identifier('The id of the set.'),
    name: z.string().meta({ description: 'Its name.', examples: ['core'] }),
    description: z.string().meta({ description: 'What it is for.', examples: ['The core of all edges.'] }),
    targets,
    upstream: z
      .strictObject(upstream)
      .meta({ id: 'VariantSetUpstream', description: 'What the members are made from.' }),
    downstream: z
      .strictObject({
        ...downstreamPlace,
        realm: z.string().meta({ description: 'The directories between target and package.', examples: ['nf'] }),
      })
      .meta({ id: 'VariantSetDownstream', description: 'The packages.' }),
    ...rulesResponse,
    owner: z.string().meta({
      description:
        'Whoever made or changed it last: its members are kept in step with the rights that this user has then.',
      examples: ['ada'],
    }),
    counts,
    createdAt: timestamp('When it was made.'),
    createdBy: z.string().meta({ description: 'Who made it.', examples: ['ada'] }),
    updatedAt: timestamp('When it was changed last.'),
    etag: etag('the set, except of its members'),
  })
  .meta({ id: 'VariantSet', description: 'Variants of one blueprint, one for each of many targets.' });

export type VariantSetResponse = z.output<typeof variantSetResponse>;

export const variantSetPage = pageOf('VariantSetPage', 'variant sets', variantSetResponse);

export const variantSetCreateRequest = z
  .strictObject({
    name: givenName('Its name, with which those of its members begin.', 'core'),
    description: description().default(''),
    targets: targetsRequest,
    upstream: z.strictObject({ ...upstream, follow: upstream.follow.default('latest') }).meta({
      id: 'VariantSetUpstreamRequest',
      description: 'What the members are made from.',
      examples: [EXAMPLE_UPSTREAM],
    }),
    downstream: z
      .strictObject(downstreamPlace)
      .meta({ id: 'VariantSetDownstreamRequest', description: 'The packages that are to be, one of each target.' }),
    ...rulesRequest,
  })
  .meta({ id: 'VariantSetCreateRequest', description: 'A set to make.' });

export type VariantSetCreateRequest = z.output<typeof variantSetCreateRequest>;

const patch = { description: description().optional(), targets: targetsRequest.optional(), ...rulesPatch };

export const variantSetPatchRequest = z
  .strictObject(patch)
  .meta({ id: 'VariantSetPatchRequest', description: 'What is to change.' });

export type VariantSetPatchRequest = z.output<typeof variantSetPatchRequest>;

export const setPreviewRequest = z
  .strictObject(patch)
  .meta({ id: 'VariantSetPreviewRequest', description: 'A change to look at. Empty: what is about to be done.' });

export type SetPreviewRequest = z.output<typeof setPreviewRequest>;

const member = z
  .strictObject({
    name: z.string().meta({ description: 'The name of the variant.', examples: ['core/edge-1'] }),
    target: z.string().meta({ description: 'Its target.', examples: ['edge-1'] }),
    path: z.string().meta({ description: 'The path of its package.', examples: ['edge-1/nf/core'] }),
  })
  .meta({ id: 'VariantSetMember', description: 'A member.' });

const members = (what: string) => z.array(member).meta({ description: `${what}; the first thousand.` });

export const setPreviewResponse = z
  .strictObject({
    made: members('Members that there would be'),
    changed: members('Members that would be changed'),
    retired: members('Members that nothing would be wanted of any more'),
    counts: z
      .strictObject({
        made: count('How many would be made.', 1),
        changed: count('How many would be changed.', 0),
        retired: count('How many would be retired.', 0),
        unchanged: count('How many would stay as they are.', 20),
      })
      .meta({ id: 'VariantSetPreviewCounts', description: 'How many there are.' }),
  })
  .meta({ id: 'VariantSetPreview', description: 'What would become of the members.' });

export type SetPreviewResponse = z.output<typeof setPreviewResponse>;

export const variantSetQuery = listQuery<VariantSetFilter>(
  {
    name: textFilter(255, 'Only the set of this name.', 'core'),
    repositoryId: identifier('Only those in this repository.').optional(),
  },
  VARIANT_SET_SORTS,
);

export type VariantSetQuery = z.output<typeof variantSetQuery>;
