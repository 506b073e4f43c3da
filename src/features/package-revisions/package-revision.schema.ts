import { z } from 'zod';
import { DELETION_HEADS } from '../../domain/head-state.js';
import { ACTIONS, LIFECYCLES } from '../../domain/lifecycle.js';
import { DECISIONS } from '../../domain/revision.js';
import { choice, openChoice } from '../../http/schema/choice.js';
import { annotations, identifier, labels, pageOf, timestamp, nullableText, count } from '../../http/schema/fields.js';
import { revisionExamples } from './package-revision.examples.js';
import { upstreamStatus } from './upstream-status.schema.js';
import { revisionCondition } from './release/condition.schema.js';
import { upgradeStrategy } from './upgrades/upgrade.schema.js';

const EXAMPLE_TREE = '9d1f3c5b7e2a4d6f8091a2b3c4d5e6f708192a3b';
const EXAMPLE_COMMIT = 'c0ffee5b7e2a4d6f8091a2b3c4d5e6f708192a3b';

export const treeOid = (meaning: string) => z.string().meta({ description: meaning, examples: [EXAMPLE_TREE] });
export const commitOid = (meaning: string) => z.string().meta({ description: meaning, examples: [EXAMPLE_COMMIT] });

export const lifecycle = choice('Lifecycle', LIFECYCLES, 'The state of a package revision.');
export const deletionHead = choice(
  'DeletionHead',
  DELETION_HEADS,
  '`restore`: the latest revision that stays. `keep`: what it holds now, as a direct change.',
);
const action = openChoice('RevisionAction', ACTIONS, 'Something that can be done with a package revision.');

const revisionSource = z
  .discriminatedUnion('type', [
    z
      .strictObject({
        type: z.literal('init').describe('Made from nothing.'),
        description: z
          .string()
          .optional()
          .meta({ description: 'What it is for.', examples: ['A core network.'] }),
        keywords: z
          .array(z.string())
          .optional()
          .meta({ description: 'Words to find it by.', examples: [['core']] }),
      })
      .meta({ id: 'InitOrigin', description: 'The package was begun empty.' }),
    z
      .strictObject({ type: z.literal('clone').describe('Cloned from `upstream`.') })
      .meta({ id: 'CloneOrigin', description: 'The package was cloned; `upstream` says from what.' }),
    z
      .strictObject({
        type: z.literal('copy').describe('The next revision of the same package.'),
        revision: z
          .string()
          .optional()
          .meta({ description: 'The revision that was copied.', examples: ['v1'] }),
        commit: commitOid('The commit whose head was copied instead of a revision.').optional(),
      })
      .meta({ id: 'CopyOrigin', description: 'Begun as a copy of an earlier revision.' }),
    z
      .strictObject({
        type: z.literal('upgrade').describe('Brought to another revision of its upstream.'),
        revision: z.string().meta({ description: 'The revision that was upgraded.', examples: ['v1'] }),
        from: z.string().meta({ description: 'The ref of the upstream before.', examples: ['nf/core/v3'] }),
        to: z.string().meta({ description: 'The ref of the upstream since.', examples: ['nf/core/v4'] }),
        strategy: upgradeStrategy,
        resolutions: z
          .record(z.string(), z.string())
          .meta({ description: 'What was taken of conflicts.', examples: [{ '5f0c1a2b3d4e5f60': 'theirs' }] }),
      })
      .meta({ id: 'UpgradeOrigin', description: 'The next revision, with another revision of its upstream.' }),
    z
      .strictObject({ type: z.literal('discovered').describe('Found in Git.') })
      .meta({ id: 'DiscoveredOrigin', description: 'Found in Git, without a record of how it came to be.' }),
  ])
  .meta({ id: 'RevisionOrigin', description: 'How a revision came to be.' });

export const upstreamResponse = z
  .strictObject({
    url: z
      .string()
      .meta({ description: 'The upstream Git repository.', examples: ['https://git.example.com/blueprints.git'] }),
    directory: z.string().meta({ description: 'The directory of the package in it.', examples: ['nf/core'] }),
    ref: z.string().meta({ description: 'The tag or branch it was read from.', examples: ['nf/core/v3'] }),
    commit: commitOid('The commit it was read from; `null` where none is recorded.').nullable(),
    tree: treeOid('The tree it had there; `null` where none is recorded.').nullable(),
    revisionId: identifier(
      'The package revision whose tag is at that commit; `null` where none is known, or not any more.',
    ).nullable(),
  })
  .meta({ id: 'Upstream', description: 'The content a package was cloned from, pinned by commit and tree.' });

const namedUpstream = z
  .strictObject({
    path: z.string().meta({ description: 'The folder; empty: the package itself.', examples: ['database'] }),
    url: z.string().meta({ description: 'The Git repository.', examples: ['https://git.example.com/blueprints.git'] }),
    directory: z.string().meta({ description: 'The directory in it.', examples: ['nf/core'] }),
    ref: z.string().meta({ description: 'The tag or branch.', examples: ['nf/core/v3'] }),
    commit: commitOid('The commit; `null` where none is recorded.').nullable(),
    upstreamStatus,
  })
  .meta({
    id: 'PackageUpstream',
    description: 'What a package, or a folder of one, was made from, and how that stands.',
  });

const gitStatus = z
  .strictObject({
    state: choice(
      'GitState',
      ['pending', 'synced', 'conflict'],
      '`pending`: a change waits to be pushed. `synced`: the remote has it. `conflict`: someone pushed to the ' +
        "draft's branch while a change waited; resolve it.",
    ),
    message: nullableText(
      'Why it is still pending, or what conflicts.',
      'The Git remote did not answer; the next attempt follows.',
    ),
    conflict: z
      .strictObject({
        commit: commitOid("The other writer's commit.").nullable(),
        tree: treeOid("The package's tree in it.").nullable(),
      })
      .meta({ id: 'GitConflict', description: 'The other side of a conflict; read it with `resources?side=remote`.' })
      .nullable(),
  })
  .meta({ id: 'GitStatus', description: 'How far the Git remote has followed.' });

const decisionResponse = z
  .strictObject({
    by: z.string().meta({ description: 'Who decided.', examples: ['grace'] }),
    at: timestamp('When.'),
    action: openChoice('DecisionAction', DECISIONS, 'What was decided.'),
    comment: nullableText('Why, where they said so.', 'The replicas are too few.'),
  })
  .meta({ id: 'Decision', description: 'What somebody decided on a revision.' });

const breakGlassResponse = z
  .strictObject({
    by: z.string().meta({ description: 'Who did it.', examples: ['root'] }),
    reason: z.string().meta({ description: 'Why.', examples: ['Outage 4711: nobody else is awake.'] }),
    at: timestamp('When.'),
  })
  .meta({
    id: 'BreakGlass',
    description: "That a revision was published without what its repository's policy asks for.",
  });

const unsupportedEntry = z
  .strictObject({
    path: z.string().meta({ description: 'Its path in the package.', examples: ['latest'] }),
    mode: z.string().meta({ description: 'Its mode in Git.', examples: ['120000'] }),
    reason: openChoice(
      'UnsupportedReason',
      ['Symlink', 'Submodule', 'InvalidPath', 'TooLarge'],
      'What it is. It is kept byte for byte; what is too large cannot be cloned.',
    ),
  })
  .meta({ id: 'UnsupportedEntry', description: 'An entry of the directory that is neither read nor followed.' });

const revisionFields = {
  id: identifier('The id of the package revision.'),
  name: z.string().meta({
    description: '`TARGET.REPOSITORY.REALM.PACKAGE.WORKSPACE`; unique.',
    examples: ['edge-1.fleet.nf.core.initial'],
  }),
  repositoryId: identifier('The repository it is in.'),
  repository: z.string().meta({ description: "That repository's name.", examples: ['fleet'] }),
  packageId: identifier('The package it is a revision of.'),
  target: nullableText('Where it is delivered to; `null` in a catalog.', 'edge-1'),
  realm: z
    .string()
    .meta({ description: 'The directories between target and package; may be empty.', examples: ['nf'] }),
  package: z.string().meta({ description: 'The last segment of the path.', examples: ['core'] }),
  path: z
    .string()
    .meta({ description: "The package's path below the repository's directory.", examples: ['edge-1/nf/core'] }),
  workspace: z.string().meta({ description: 'The name it was drafted under.', examples: ['initial'] }),
  revision: nullableText('The number given at publication; `null` until then.', 'v1'),
  lifecycle,
  latest: z.boolean().meta({
    description: "Whether it is the package's highest published version.",
    examples: [true],
  }),
  source: revisionSource,
  upstream: upstreamResponse.nullable(),
  upstreamStatus,
  commit: commitOid('The commit on its branch or tag; `null` until the remote has one.').nullable(),
  tree: treeOid('The Git tree of its content.'),
  tag: nullableText('Its tag, once published.', 'nf/core/v1'),
  branch: nullableText('Its branch on the remote, if any.', 'drafts/nf/core/initial'),
  git: gitStatus,
  fileCount: count('How many files it has.', 4),
  sizeBytes: count('Their bytes together.', 5120),
  labels,
  annotations,
  conditions: z
    .array(revisionCondition)
    .meta({ description: 'Aspects of its state, as checkers and pkgserver see them.' }),
  createdAt: timestamp('When it was created.'),
  createdBy: z.string().meta({ description: 'Who created it.', examples: ['ada'] }),
  updatedAt: timestamp('When someone last changed it.'),
  updatedBy: z.string().meta({ description: 'Who did.', examples: ['ada'] }),
  publishedAt: timestamp('When it was published; `null` until then.').nullable(),
  publishedBy: nullableText('Who approved it; of several the last.', 'grace'),
  origin: openChoice('PublicationOrigin', ['service', 'external'], '`external`: somebody else has set the tag.')
    .nullable()
    .meta({ description: 'Who published it; `null` until then.', examples: ['service'] }),
  lastDecision: decisionResponse.nullable().meta({
    description: 'The last decision on it; `null` where there was none.',
    examples: [null],
  }),
  breakGlass: breakGlassResponse.nullable().meta({
    description: 'Set where it was published without what the policy asks for.',
    examples: [null],
  }),
  deletionHead: deletionHead.nullable().meta({
    description: 'What the ref is to hold once it is deleted.',
    examples: [null],
  }),
  etag: z.string().meta({
    description:
      'Changes with every change of the revision, its content included; the `ETag` header without its quotes.',
    examples: ['3.5be1c0aa'],
  }),
  allowedActions: z.array(action).meta({
    description: 'What may be done with it now, by what your roles say. A policy may still ask for somebody else.',
    examples: [['propose-deletion', 'copy', 'clone']],
  }),
  deletedAt: timestamp('When it was deleted, or its tag moved; only with `asOf`.').optional(),
  deletedBy: nullableText('Who did; `null`: somebody in Git.', 'grace').optional(),
  upstreams: z.array(namedUpstream).optional().meta({
    description:
      'What it was made from, and each folder in it that has an upstream of its own; only where one revision is read, or a part of it was brought to another upstream.',
  }),
  unsupportedEntries: z
    .array(unsupportedEntry)
    .optional()
    .meta({ description: 'Symlinks, submodules and the like in it; only where one revision is read.' }),
};

export const revisionResponse = z.strictObject(revisionFields).meta({
  id: 'PackageRevision',
  description: 'A version of a package: a draft, or published and immutable.',
  states: revisionExamples,
});

export type RevisionResponse = z.output<typeof revisionResponse>;

export const revisionPage = pageOf('PackageRevisionPage', 'package revisions', revisionResponse);
