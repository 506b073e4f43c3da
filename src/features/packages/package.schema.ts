import { z } from 'zod';
import { PACKAGE_DRIFT_STATES } from '../../domain/drift.js';
import { HEAD_STATES } from '../../domain/head-state.js';
import { choice } from '../../http/schema/choice.js';
import {
  annotations,
  annotationsPatch,
  etag,
  identifier,
  labels,
  labelsPatch,
  pageOf,
  timestamp,
  nullableText,
  count,
} from '../../http/schema/fields.js';
import { asOf, listOf, listQuery, selector, textFilter, exactly, packagePlace } from '../../http/schema/query.js';
import { deliveryHealth, deliveryState } from '../package-deliveries/package-delivery.schema.js';
import { upstreamStates, upstreamStatus } from '../package-revisions/upstream-status.schema.js';
import { PACKAGE_SORTS, type PackageFilter } from '../../revisions/package.filter.js';

const headState = choice(
  'HeadState',
  HEAD_STATES,
  '`published`: it equals a published revision. `differs`: it equals none. `unpublished`: nothing was published yet. ' +
    '`absent`: the ref holds nothing of it.',
);

export const driftState = choice(
  'PackageDriftState',
  PACKAGE_DRIFT_STATES,
  'Whether Git holds of it what the service did not write: `open` where nobody has said anything of some of that, `acknowledged` where somebody lets all of it be.',
);

const head = z
  .strictObject({
    commit: nullableText(
      "The commit of the repository's ref that it was read from.",
      'c0ffee5b7e2a4d6f8091a2b3c4d5e6f708192a3b',
    ),
    tree: nullableText('Its Git tree; `null` where it is `absent`.', '9d1f3c5b7e2a4d6f8091a2b3c4d5e6f708192a3b'),
    state: headState,
    revisionId: identifier('The published revision that it equals.').nullable(),
  })
  .meta({ id: 'PackageHead', description: "What the repository's ref holds now for a package." });

const latestRevision = z
  .strictObject({
    id: identifier('The id of the package revision.'),
    name: z.string().meta({ description: 'Its name.', examples: ['edge-1.fleet.nf.core.initial'] }),
    revision: nullableText('Its revision.', 'v3'),
  })
  .meta({
    id: 'LatestRevision',
    description: "A package's highest published version; a pre-release only where there is no release.",
  });

const delivery = z
  .strictObject({
    tool: z.string().meta({ description: 'The tool that said so.', examples: ['flux'] }),
    state: deliveryState,
    health: deliveryHealth,
  })
  .meta({ id: 'DeliverySummary', description: 'What the newest report says of its delivery.' });

export const packageResponse = z
  .strictObject({
    id: identifier('The id of the package.'),
    repositoryId: identifier('The repository it is in.'),
    repository: z.string().meta({ description: "That repository's name.", examples: ['fleet'] }),
    target: nullableText('Where it is delivered to; `null` in a catalog.', 'edge-1'),
    realm: z.string().meta({ description: 'The directories between target and package.', examples: ['nf'] }),
    package: z.string().meta({ description: 'The last segment of the path.', examples: ['core'] }),
    path: z.string().meta({ description: "Its path below the repository's directory.", examples: ['edge-1/nf/core'] }),
    head,
    driftState,
    upstreamStatus: upstreamStatus.meta({ description: 'Of its latest published revision.' }),
    latestRevision: latestRevision.nullable().meta({ description: '`null` until one is published.' }),
    delivery: delivery.nullable().meta({ description: '`null`: nobody has reported any.' }),
    deliveredRevision: latestRevision.nullable().meta({
      description:
        'The published revision that was reported to be there last, whatever is being brought out now; `null` where nobody knows, or none has that content.',
    }),
    revisionCount: count('How many revisions it has, drafts included.', 4),
    labels,
    annotations,
    createdAt: timestamp('When it was first seen.'),
    updatedAt: timestamp('When it last changed.'),
    etag: etag('the package'),
  })
  .meta({ id: 'Package', description: 'A directory of KRM YAML in a repository.' });

export type PackageResponse = z.output<typeof packageResponse>;

export const packagePage = pageOf('PackagePage', 'packages', packageResponse);

export const packagePatchRequest = z
  .strictObject({ labels: labelsPatch.nullable().optional(), annotations: annotationsPatch.nullable().optional() })
  .meta({ id: 'PackagePatchRequest', description: 'Labels and annotations to change.' });

export type PackagePatchRequest = z.output<typeof packagePatchRequest>;

export const packageQuery = listQuery<PackageFilter>(
  {
    ...packagePlace,
    name: exactly('package name; the same as `package`', 'core'),
    headState: headState.optional().meta({ description: 'Only with a head in this state.', examples: ['differs'] }),
    driftState: driftState.optional().meta({ description: 'Only with drift in this state.', examples: ['open'] }),
    upstreamState: upstreamStates,
    deliveryState: listOf(deliveryState).meta({
      description: 'Only those reported to be in one of these states.',
      examples: [['failed']],
    }),
    health: listOf(deliveryHealth).meta({ description: 'Only those reported to fare so.', examples: [['degraded']] }),
    labelSelector: selector('Only those whose labels match; the syntax is that of Kubernetes.'),
    asOf,
    q: textFilter(255, 'Only with this in their path.', 'core'),
  },
  PACKAGE_SORTS,
);

export type PackageQuery = z.output<typeof packageQuery>;
