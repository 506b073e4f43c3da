import { z } from 'zod';
import { choice } from '../../http/schema/choice.js';
import {
  conditionResponse,
  description,
  etag,
  givenName,
  identifier,
  labels,
  labelsPatch,
  pageOf,
  timestamp,
  nullableText,
  count,
} from '../../http/schema/fields.js';
import { DISCOVERY_MODES } from '../../domain/discovery.js';
import { flag, listQuery, textFilter } from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';
import { repositoryExamples } from './repository.examples.js';
import { policyRequest, policyResponse } from './repository-policy.schema.js';
import { REPOSITORY_SORTS, type RepositoryFilter } from './repository.filter.js';

/** Patterns of one list, and characters of each: matching takes time in proportion to both. */
const MAX_PATTERNS = 50;
const MAX_PATTERN = 256;

const name = givenName('The name of the repository; unique, and part of the names of its revisions.', 'blueprints');
const url = text(2048)
  .min(1)
  .meta({
    description: 'The URL of the Git repository: `https://host/path` without credentials, or `ssh://user@host/path`.',
    examples: ['https://git.example.com/network/blueprints.git'],
  });
const ref = text(255)
  .min(1)
  .meta({ description: 'The branch that is delivered.', examples: ['main'] });
const directory = text(1024).meta({
  description: 'The directory below which packages are looked for; empty: the whole repository.',
  examples: ['packages'],
});
const credentialId = identifier(
  'The credential to sign in with; `null` for none. One of type `ssh` for `ssh://`, and for nothing else.',
).nullable();
const deployment = z.boolean().meta({
  description: '`false`: a catalog of blueprints. `true`: what is delivered to targets.',
  examples: [false],
});
const syncIntervalSeconds = z
  .int()
  .min(10)
  .max(86_400)
  .nullable()
  .meta({
    description: 'How often the remote is looked at; `null`: as often as by default.',
    examples: [300],
  });

const discoveryMode = choice(
  'DiscoveryMode',
  DISCOVERY_MODES,
  '`kptfile`: directories with one. `krm`: the topmost that directly hold a Kubernetes object, none in a Helm chart.',
);
const patterns = (description: string, example: string) =>
  z
    .array(text(MAX_PATTERN).min(1))
    .max(MAX_PATTERNS)
    .meta({ description, examples: [[example]] });
const include = patterns(
  'Patterns (`*`, `**`) that packages match; with `krm`, such a directory may hold its objects anywhere.',
  'apps/*',
);
const exclude = patterns('Patterns of directories that hold no packages.', '**/testdata');

const discoveryRequest = z
  .strictObject({
    mode: discoveryMode.optional(),
    include: include.optional(),
    exclude: exclude.optional(),
  })
  .meta({
    id: 'DiscoveryRequest',
    description: 'What to change of `discovery`; `null`: the default.',
  });

const discoveryResponse = z.strictObject({ mode: discoveryMode, include, exclude }).meta({
  id: 'Discovery',
  description: 'Which directories of `git.ref` are packages.',
});

const gitCreateRequest = z
  .strictObject({
    url,
    ref: ref.nullable().default(null).describe('The branch that is delivered; `null`: the default one of the remote.'),
    directory: directory.default(''),
    credentialId: credentialId.default(null),
  })
  .meta({
    id: 'RepositoryGitCreateRequest',
    description: 'Where the repository is.',
  });

export const repositoryCreateRequest = z
  .strictObject({
    name,
    description: description().nullable().default(null),
    labels: labels.default({}),
    deployment: deployment.default(false),
    git: gitCreateRequest,
    syncIntervalSeconds: syncIntervalSeconds.default(null),
    discovery: discoveryRequest.nullable().optional(),
    policy: policyRequest.nullable().optional(),
  })
  .meta({ id: 'RepositoryCreateRequest', description: 'A Git repository to register.' });

export type RepositoryCreateRequest = z.output<typeof repositoryCreateRequest>;

const gitPatchRequest = z
  .strictObject({
    url: url.optional(),
    ref: ref.optional(),
    directory: directory.optional(),
    credentialId: credentialId.optional(),
  })
  .meta({ id: 'RepositoryGitPatchRequest', description: '`directory` cannot change.' });

export const repositoryPatchRequest = z
  .strictObject({
    name: name.optional(),
    description: description().nullable().optional(),
    labels: labelsPatch
      .nullable()
      .optional()
      .meta({
        description: 'Labels to set; `null` in place of a value removes one, `null` in place of all removes all.',
        examples: [{ team: 'network' }],
      }),
    deployment: deployment.optional(),
    git: gitPatchRequest.optional(),
    syncIntervalSeconds: syncIntervalSeconds.optional(),
    discovery: discoveryRequest.nullable().optional(),
    policy: policyRequest.nullable().optional(),
  })
  .meta({
    id: 'RepositoryPatchRequest',
    description:
      'What to change (RFC 7396): what is left out stays, `null` clears. `name`, `deployment` and `git.directory` ' +
      'cannot change.',
    examples: [{ description: 'Blueprints of the network team.', labels: { team: 'network' } }],
  });

export type RepositoryPatchRequest = z.output<typeof repositoryPatchRequest>;

const gitResponse = z
  .strictObject({
    url,
    ref: ref.nullable().describe('The branch that is delivered; `null` until the remote has named its default one.'),
    directory,
    credentialId,
  })
  .meta({ id: 'RepositoryGit', description: 'Where the repository is.' });

const statusResponse = z
  .strictObject({
    conditions: z.array(conditionResponse).meta({
      description: '`Ready`: whether the remote can be read.',
    }),
    lastSyncedAt: timestamp('When the remote was last read; `null` until then.').nullable(),
    nextSyncAt: timestamp('When it is read next, if nobody asks for it before.').nullable(),
    waitingFor: nullableText('What that waits for; `null`: for its time alone.', 'A free worker.'),
    commit: nullableText(
      'The commit of `ref` that the index holds; `null` before the first sync and for an empty repository.',
      '9fceb02d0ae598e95dc970b74767f19372d61af8',
    ),
    packageCount: count('How many packages there are that you may see.', 42),
    revisionCount: count('How many package revisions there are that you may see.', 210),
    ignoredTags: count('How many tags name no package revision.', 3),
  })
  .meta({ id: 'RepositoryStatus', description: 'What the last sync found.' });

export const repositoryResponse = z
  .strictObject({
    id: identifier('The id of the repository.'),
    name: z.string().meta({ description: 'The name of the repository; unique.', examples: ['blueprints'] }),
    description: nullableText('What it is for.', 'Blueprints of the network team.'),
    labels,
    deployment,
    git: gitResponse,
    discovery: discoveryResponse,
    syncIntervalSeconds,
    policy: policyResponse,
    status: statusResponse,
    createdAt: timestamp('When it was registered.'),
    createdBy: z.string().meta({ description: 'Who registered it.', examples: ['ada'] }),
    updatedAt: timestamp('When it was last changed here.'),
    updatedBy: z.string().meta({ description: 'Who changed it last.', examples: ['ada'] }),
    etag: etag('the repository, except of when it is synced'),
  })
  .meta({
    id: 'Repository',
    description: 'A Git repository, or a directory of one, that holds packages.',
    states: repositoryExamples,
  });

export type RepositoryResponse = z.output<typeof repositoryResponse>;

export const repositoryPage = pageOf('RepositoryPage', 'repositories', repositoryResponse);

export const repositoryQuery = listQuery<RepositoryFilter>(
  {
    name: textFilter(63, 'Only the repository of this name.', 'blueprints'),
    deployment: flag().meta({ description: 'Only deployment repositories, or only catalogs.' }),
    labelSelector: textFilter(
      4096,
      'Only those whose labels match; the syntax is that of Kubernetes.',
      'team=network,tier in (gold, silver),!retired',
    ),
    q: textFilter(63, 'Only those with this in their name.', 'blue'),
  },
  REPOSITORY_SORTS,
);

export type RepositoryQuery = z.output<typeof repositoryQuery>;

export const repositoryDeleteQuery = z.strictObject({
  drafts: choice('DraftsHandling', ['discard'], 'What happens to drafts and proposals.')
    .optional()
    .meta({
      description: '`discard`: forget drafts and proposals that are in no remote as published. Their branches stay.',
      examples: ['discard'],
    }),
});

export type RepositoryDeleteQuery = z.output<typeof repositoryDeleteQuery>;
