import { z } from 'zod';
import { VARIANT_STATES } from '../../domain/variant.js';
import { openChoice } from '../../http/schema/choice.js';
import { count, description, etag, givenName, identifier, pageOf, timestamp } from '../../http/schema/fields.js';
import { listOf, listQuery, textFilter } from '../../http/schema/query.js';
import {
  defaultResolution,
  defaultResolutionResponse,
  resolution,
  resolutionResponse,
  resolutions,
} from '../package-revisions/upgrades/upgrade.schema.js';
import { mergeConflict } from '../upgrade-previews/upgrade-preview.schema.js';
import { downstreamPlace, rulesPatch, rulesRequest, rulesResponse, upstream } from './variant-fields.schema.js';
import { VARIANT_SORTS, type VariantFilter } from './variant.filter.js';

export const variantState = openChoice(
  'VariantState',
  VARIANT_STATES,
  '`pending`: nobody has looked yet. `upToDate`: what is published is what is wanted. `outdated`: it is not, and nothing is done unasked. ' +
    '`drafted`: a draft holds what is wanted. `conflicted`: somebody has to settle something. `declined`: its draft was deleted. ' +
    '`blocked`: what is wanted cannot be made. `retired`: nothing is wanted any more.',
);

const nullableId = (what: string) => identifier(what).nullable().meta({ description: what });

const target = z
  .string()
  .min(1)
  .max(63)
  .nullable()
  .meta({ description: 'The target, in a deployment repository.', examples: ['edge-1'] });

const downstreamResponse = z
  .strictObject({
    ...downstreamPlace,
    realm: z.string().meta({ description: 'The directories between target and package.', examples: ['nf'] }),
    target,
    path: z.string().meta({ description: 'The path of the package.', examples: ['edge-1/nf/core'] }),
  })
  .meta({ id: 'VariantDownstream', description: 'The package.' });

const reason = z
  .strictObject({
    code: z.string().meta({ description: 'For programs.', examples: ['packageExists'] }),
    message: z.string().meta({ description: 'For people.', examples: ['The package is there already.'] }),
  })
  .meta({ id: 'VariantReason', description: 'Why it is so.' });

const conflict = z
  .strictObject({
    id: z.string().meta({ description: 'By this it is settled.', examples: ['5f0c1a2b3d4e5f60'] }),
    file: z.string().meta({ description: 'The file.', examples: ['deployment.yaml'] }),
    path: z.string().meta({ description: 'The field.', examples: ['spec.replicas'] }),
    class: z.string().meta({ description: 'What kind of field that is.', examples: ['other'] }),
  })
  .meta({ id: 'VariantConflict', description: 'What both sides have changed.' });

export const variantResponse = z
  .strictObject({
    id: identifier('The id of the variant.'),
    name: z.string().meta({ description: 'Its name; of a member of a set `SET/TARGET`.', examples: ['core/edge-1'] }),
    variantSetId: nullableId('The set that it is a member of; `null`: it is by itself.'),
    description: z.string().meta({ description: 'What it is for.', examples: ['The core of Lyon.'] }),
    upstream: z.strictObject(upstream).meta({ id: 'VariantUpstream', description: 'What it is made from.' }),
    downstream: downstreamResponse,
    ...rulesResponse,
    resolutions: resolutions('VariantResolutions', resolutionResponse),
    defaultResolution: defaultResolutionResponse,
    owner: z.string().meta({
      description: 'Whoever made or changed it last: it is kept in step with the rights that this user has then.',
      examples: ['ada'],
    }),
    retired: z.boolean().meta({ description: 'Whether nothing is wanted any more.', examples: [false] }),
    state: variantState,
    reason: reason.nullable().meta({ description: 'Why it is so, where that has to be said.' }),
    conflicts: z.array(conflict).meta({
      description:
        'What both sides have changed and nobody has settled: the first of them. `GET …/conflicts` has all, with what each side holds.',
    }),
    conflictCount: count('How many there are.', 0),
    warnings: z.array(z.string()).meta({
      description: 'What its owner should know.',
      examples: [['No object with kind "Deployment" has a place for "spec.replicas": that mutation changes nothing.']],
    }),
    packageId: nullableId('The package; `null`: it was not made yet.'),
    draftId: nullableId('The draft that holds what is wanted; `null`: there is none.'),
    reconciledAt: timestamp('When it was looked at last.').nullable(),
    createdAt: timestamp('When it was made.'),
    createdBy: z.string().meta({ description: 'Who made it.', examples: ['ada'] }),
    updatedAt: timestamp('When somebody, or its set, changed it last.'),
    etag: etag('the variant'),
  })
  .meta({ id: 'Variant', description: 'A package that is kept in step with a blueprint.' });

export type VariantResponse = z.output<typeof variantResponse>;

export const variantConflictsResponse = z
  .strictObject({
    conflicts: z
      .array(mergeConflict)
      .meta({ description: 'All that are open, or are settled since a worker has looked.' }),
  })
  .meta({ id: 'VariantConflicts', description: 'What is in conflict in a variant.' });

export type VariantConflictsResponse = z.output<typeof variantConflictsResponse>;

export const variantPage = pageOf('VariantPage', 'variants', variantResponse);

export const variantCreateRequest = z
  .strictObject({
    name: givenName('Its name, by which it is found.', 'core-lyon'),
    description: description().default(''),
    upstream: z
      .strictObject({ ...upstream, follow: upstream.follow.default('latest') })
      .meta({ id: 'VariantUpstreamRequest', description: 'What it is made from.' }),
    downstream: z
      .strictObject({ ...downstreamPlace, target: target.default(null) })
      .meta({ id: 'VariantDownstreamRequest', description: 'The package that is to be.' }),
    ...rulesRequest,
  })
  .meta({ id: 'VariantCreateRequest', description: 'A variant to make.' });

export type VariantCreateRequest = z.output<typeof variantCreateRequest>;

export const variantPatchRequest = z
  .strictObject({
    description: description().optional(),
    ...rulesPatch,
    resolutions: resolutions('VariantResolutionsPatch', resolution.nullable())
      .optional()
      .meta({ description: 'How conflicts are settled; `null` opens one again.' }),
    defaultResolution: defaultResolution
      .nullable()
      .optional()
      .meta({ description: 'What is taken of the others; `null`: nothing.' }),
  })
  .meta({
    id: 'VariantPatchRequest',
    description: 'What is to change. Of a member of a set only its conflicts are settled here.',
  });

export type VariantPatchRequest = z.output<typeof variantPatchRequest>;

export const variantQuery = listQuery<VariantFilter>(
  {
    name: textFilter(255, 'Only the variant of this name.', 'core-lyon'),
    variantSetId: identifier('Only members of this set.').optional(),
    upstreamPackageId: identifier('Only those that are made from this package.').optional(),
    repositoryId: identifier('Only those in this repository.').optional(),
    target: textFilter(1024, 'Only those of this target.', 'edge-1'),
    path: textFilter(1024, 'Only with this path.', 'edge-1/nf/core'),
    state: listOf(variantState).describe('Only those in these states.'),
  },
  VARIANT_SORTS,
);

export type VariantQuery = z.output<typeof variantQuery>;
