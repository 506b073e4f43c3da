import { z } from 'zod';
import { parseRevisionPlace } from '../../domain/identity.js';
import { choice } from '../../http/schema/choice.js';
import { annotations, annotationsPatch, givenName, identifier, labels, labelsPatch } from '../../http/schema/fields.js';
import {
  asOf,
  exactly,
  flag,
  listOf,
  listQuery,
  moment,
  packagePlace,
  person,
  selector,
  textFilter,
} from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';
import { REVISION_SORTS, type RevisionFilter } from '../../revisions/package-revision.filter.js';
import { gitPlace } from '../git-places/git-place.schema.js';
import { upstreamStates } from './upstream-status.schema.js';
import { deletionHead, lifecycle } from './package-revision.schema.js';
import { newUpstream, upgradeFields } from './upgrades/upgrade.schema.js';

const initSource = z
  .strictObject({
    type: z.literal('init').describe('Begin an empty package: only a Kptfile.'),
    description: text(4096)
      .optional()
      .meta({ description: 'What it is for.', examples: ['A core network.'] }),
    keywords: z
      .array(text(255).min(1))
      .max(50)
      .optional()
      .meta({ description: 'Words to find it by.', examples: [['core', '5g']] }),
  })
  .meta({ id: 'InitSource', description: 'A new package.' });

export const upstreamRevision = z
  .strictObject({ revisionId: identifier('A published package revision.') })
  .meta({ id: 'UpstreamRevision', description: 'A published revision.' });

export const upstreamHead = z
  .strictObject({ packageId: identifier("A package on its repository's ref.") })
  .meta({ id: 'UpstreamHead', description: "What a repository's ref holds now for a package." });

export const upstreamPlace = z.strictObject({ git: gitPlace }).meta({
  id: 'UpstreamPlace',
  description: 'A package anywhere in Git. The answer is an operation, unless it is in the index.',
});

const cloneSource = z
  .strictObject({
    type: z.literal('clone').describe('Begin a package with the content of another.'),
    upstream: z
      .union([upstreamRevision, upstreamHead, upstreamPlace])
      .meta({ id: 'UpstreamChoice', description: 'What to clone.' }),
  })
  .meta({ id: 'CloneSource', description: 'A new package with the content of another one, which it remembers.' });

const copySource = z
  .strictObject({
    type: z.literal('copy').describe('Begin the next revision of a package.'),
    revisionId: identifier('A published revision of the same package.').optional(),
    packageId: identifier("Instead: the package, as its repository's ref holds it.").optional(),
  })
  .transform(({ revisionId, packageId }, context) => {
    if (revisionId !== undefined && packageId === undefined) return { type: 'copy' as const, revisionId };
    if (packageId !== undefined && revisionId === undefined) return { type: 'copy' as const, packageId };
    context.addIssue({
      code: 'custom',
      message: 'A copy names either `revisionId` or `packageId`.',
      path: ['revisionId'],
    });
    return z.NEVER;
  })
  .meta({ id: 'CopySource', description: 'The next revision of an existing package.' });

const upgradeSource = z
  .strictObject({
    type: z.literal('upgrade').describe('Bring a package to another revision of its upstream.'),
    revisionId: identifier('The published revision that is upgraded.'),
    upstream: newUpstream,
    upstreamPackageId: identifier(
      'What of it is upgraded: whatever was made from this package, itself and each of its folders; left out: itself.',
    ).optional(),
    ...upgradeFields,
  })
  .meta({ id: 'UpgradeSource', description: 'The next revision of a package, with another revision of its upstream.' });

const overwriteHead = (description: string) =>
  z
    .literal(true)
    .optional()
    .meta({ description, examples: [true] });

const segment = (what: string, example: string) =>
  text(63)
    .min(1)
    .meta({ description: what, examples: [example] });

export const revisionCreateRequest = z
  .strictObject({
    repositoryId: identifier('The repository to create it in.'),
    target: segment('Where it is delivered to; only in deployment repositories.', 'edge-1').optional(),
    realm: text(1024)
      .optional()
      .meta({ description: 'Directories above the package.', examples: ['nf'] }),
    package: segment("The package's own directory; a copy may leave it out.", 'core').optional(),
    workspace: givenName('A name for this draft, unique within the package.', 'initial'),
    source: z.discriminatedUnion('type', [initSource, cloneSource, copySource, upgradeSource]).meta({
      id: 'RevisionSource',
      description: 'Where the content comes from.',
    }),
    labels: labels.optional(),
    annotations: annotations.optional(),
    overwriteHead: overwriteHead('Of a copy: although that undoes what somebody has committed on the ref.'),
  })
  .meta({ id: 'PackageRevisionCreateRequest', description: 'A package revision to create, as a draft.' });

export type RevisionCreateRequest = z.output<typeof revisionCreateRequest>;

export const revisionPatchRequest = z
  .strictObject({
    labels: labelsPatch.nullable().optional(),
    annotations: annotationsPatch.nullable().optional(),
    overwriteHead: overwriteHead(
      'To publish a draft over what came since it was begun. A condition says so from then on, and approvals are void.',
    ),
    lifecycle: z
      .never({ error: 'A state does not change by PATCH: POST …/propose, /reject, /approve and so on.' })
      .optional()
      .describe('Never given: a state changes by the actions only.'),
  })
  .meta({
    id: 'PackageRevisionPatchRequest',
    description: 'Labels and annotations to change. States change by the actions, contents by `…/resources`.',
  });

export type RevisionPatchRequest = z.output<typeof revisionPatchRequest>;

export const draftSide = choice(
  'DraftSide',
  ['draft', 'remote'],
  '`draft`: what the draft holds here. `remote`: what the other writer pushed to its branch.',
);

export const resolveRequest = z
  .strictObject({ keep: draftSide })
  .meta({ id: 'PackageRevisionResolveRequest', description: 'Which side of a conflict stays.' });

export type ResolveRequest = z.output<typeof resolveRequest>;

export const comment = text(4096)
  .optional()
  .meta({
    description: 'What you say about it; readers of the revision see it.',
    examples: ['The replicas are too few.'],
  });

export const decisionRequest = z.strictObject({ comment }).meta({
  id: 'DecisionRequest',
  description: 'A word on a decision; may be left out.',
  examples: [{ comment: 'The replicas are too few.' }],
});

export type DecisionRequest = z.output<typeof decisionRequest>;

export const deletionQuery = z.strictObject({
  force: flag().describe(
    '`true`: propose it although others name it as their upstream or need the package; delete the last one although the ref differs.',
  ),
});

export const deletionRequest = z
  .strictObject({
    comment,
    head: deletionHead
      .optional()
      .meta({ description: 'What the ref is to hold of the package then.', examples: ['restore'] }),
  })
  .meta({
    id: 'DeletionRequest',
    description: 'A deletion to propose; may be left out.',
    examples: [{ head: 'restore', comment: 'It does not start.' }],
  });

export type DeletionRequest = z.output<typeof deletionRequest>;

export type DeletionQuery = z.output<typeof deletionQuery>;

const upstream = text(2048)
  .optional()
  .transform((value, context) => {
    const place = value === undefined ? undefined : parseRevisionPlace(value);
    if (place !== null) return place;
    context.addIssue({ code: 'custom', message: 'A published revision is written REPOSITORY/PATH@REVISION.' });
    return z.NEVER;
  })
  .meta({
    description: 'Only what was made from this published revision, or holds a subpackage that was.',
    examples: ['blueprints/nf/core@v1'],
    openapi: { type: 'string' },
  });

const whom = choice('WaitingFor', ['me'], '`me`: whoever asks.');

/** The filters of lists of revisions. */
export const revisionFilters = {
  ...packagePlace,
  workspace: exactly('workspace', 'initial'),
  revision: exactly('revision', 'v1'),
  lifecycle: listOf(lifecycle).meta({
    description: 'Only in these states.',
    examples: [['draft', 'proposed']],
  }),
  latest: flag().describe("`true`: only the packages' highest published versions; `false`: only the others."),
  upstreamRevisionId: identifier('Only what was made from this revision, or holds a subpackage that was.').optional(),
  upstreamPackageId: identifier(
    'Only what was made from this package, or holds a subpackage that was, whichever version of it.',
  ).optional(),
  upstream,
  upstreamState: upstreamStates,
  labelSelector: selector('Only those whose labels match; the syntax is that of Kubernetes.'),
  packageLabelSelector: selector("The same of the package's labels."),
  createdBy: person('created'),
  updatedBy: person('changed last'),
  publishedBy: person('published'),
  createdSince: moment('Only created from then on.'),
  createdUntil: moment('Only created before.'),
  updatedSince: moment('Only changed from then on.'),
  updatedUntil: moment('Only changed before.'),
  publishedSince: moment('Only published from then on.'),
  publishedUntil: moment('Only published before.'),
  asOf,
  waitingFor: whom.optional().meta({
    description: 'Only proposals and proposed deletions that you could approve now, and have not.',
    examples: ['me'],
  }),
  q: textFilter(255, 'Only with this in their name.', 'core'),
};

export const revisionQuery = listQuery<RevisionFilter>(revisionFilters, REVISION_SORTS);

export type RevisionQuery = z.output<typeof revisionQuery>;
