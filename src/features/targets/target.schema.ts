import { z } from 'zod';
import { PATH_SEGMENT } from '../../domain/naming.js';
import {
  count,
  description,
  etag,
  EXAMPLE_ID,
  identifier,
  labels,
  labelsPatch,
  nullableText,
  pageOf,
  timestamp,
} from '../../http/schema/fields.js';
import { listQuery, selector, textFilter } from '../../http/schema/query.js';
import { TARGET_SORTS, type TargetFilter } from './target.filter.js';

const MOST_REPOSITORIES = 100;

/** As a package's path takes it for its first segment. */
const givenName = z
  .string()
  .regex(PATH_SEGMENT, {
    error: 'Lower-case letters, digits, ".", "_" and "-", at most 63; a letter or digit first and last.',
  })
  .refine((name) => !name.includes('..') && !name.endsWith('.lock'), {
    error: 'Git cannot hold it in a branch or tag.',
  })
  .meta({
    description:
      'The first segment of the paths of its packages. Lower-case letters, digits, `.`, `_` and `-`, at most 63. It cannot change.',
    examples: ['edge-1'],
  });

const repositoryIds = z
  .array(identifier('The id of a repository.'))
  .min(1)
  .max(MOST_REPOSITORIES)
  .transform((ids) => [...new Set(ids)].sort())
  .nullable()
  .meta({
    description:
      'The repositories in which its packages are meant to live: who may see one of them sees the target. `null`: any. Nothing is refused because of it.',
    examples: [[EXAMPLE_ID]],
  });

export const targetResponse = z
  .strictObject({
    id: identifier('The id of the target.'),
    name: z.string().meta({ description: 'The first segment of the paths of its packages.', examples: ['edge-1'] }),
    description: nullableText('What it is.', 'The cluster in Lyon.'),
    labels,
    repositoryIds: z
      .array(z.string())
      .nullable()
      .meta({
        description:
          'The repositories in which its packages are meant to live, as far as they are there and you may see them; `null`: any.',
        examples: [[EXAMPLE_ID]],
      }),
    packageCount: count('How many packages go there, of those that you may see.', 20),
    createdAt: timestamp('When it was made, or first named by a package.'),
    createdBy: nullableText('Who made it; `null`: it is there because a package names it.', 'ada'),
    updatedAt: timestamp('When it was last changed.'),
    etag: etag('the target, except of its packages'),
  })
  .meta({ id: 'Target', description: 'Where packages of deployment repositories go.' });

export type TargetResponse = z.output<typeof targetResponse>;

export const targetPage = pageOf('TargetPage', 'targets', targetResponse);

export const targetCreateRequest = z
  .strictObject({
    name: givenName,
    description: description().nullable().default(null),
    labels: labels.default({}),
    repositoryIds: repositoryIds.default(null),
  })
  .meta({ id: 'TargetCreateRequest', description: 'A target to make before its first package.' });

export type TargetCreateRequest = z.output<typeof targetCreateRequest>;

export const targetPatchRequest = z
  .strictObject({
    description: description().nullable().optional(),
    labels: labelsPatch.nullable().optional(),
    repositoryIds: repositoryIds.optional(),
  })
  .meta({ id: 'TargetPatchRequest', description: 'What to change (RFC 7396): what is left out stays, `null` clears.' });

export type TargetPatchRequest = z.output<typeof targetPatchRequest>;

export const targetQuery = listQuery<TargetFilter>(
  {
    name: textFilter(1024, 'Only the target of this name.', 'edge-1'),
    labelSelector: selector('Only those whose labels match; the syntax is that of Kubernetes.'),
    repositoryId: identifier('Only those that name this repository, or have packages in it.').optional(),
    q: textFilter(255, 'Only those with this in their name.', 'edge'),
  },
  TARGET_SORTS,
);

export type TargetQuery = z.output<typeof targetQuery>;
