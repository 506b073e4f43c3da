import { z } from 'zod';
import { etag, identifier, pageOf, timestamp } from '../../http/schema/fields.js';
import { listQuery } from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';
import type { PackageFilter } from '../../revisions/package.filter.js';

const head = z
  .strictObject({
    commit: z
      .string()
      .nullable()
      .meta({
        description: "The commit of the repository's ref that it was read from.",
        examples: ['c0ffee5b7e2a4d6f8091a2b3c4d5e6f708192a3b'],
      }),
    tree: z.string().meta({ description: 'Its Git tree.', examples: ['9d1f3c5b7e2a4d6f8091a2b3c4d5e6f708192a3b'] }),
  })
  .meta({ id: 'PackageHead', description: "What the repository's ref holds now for a package." });

const latestRevision = z
  .strictObject({
    id: identifier('The id of the package revision.'),
    name: z.string().meta({ description: 'Its name.', examples: ['edge-1.fleet.nf.core.initial'] }),
    revision: z
      .string()
      .nullable()
      .meta({ description: 'Its revision.', examples: ['v3'] }),
  })
  .meta({ id: 'LatestRevision', description: "A package's highest published version." });

export const packageResponse = z
  .strictObject({
    id: identifier('The id of the package.'),
    repositoryId: identifier('The repository it is in.'),
    repository: z.string().meta({ description: "That repository's name.", examples: ['fleet'] }),
    target: z
      .string()
      .nullable()
      .meta({ description: 'Where it is delivered to; `null` in a catalog.', examples: ['edge-1'] }),
    realm: z.string().meta({ description: 'The directories between target and package.', examples: ['nf'] }),
    package: z.string().meta({ description: 'The last segment of the path.', examples: ['core'] }),
    path: z.string().meta({ description: "Its path below the repository's directory.", examples: ['edge-1/nf/core'] }),
    head: head.nullable().meta({ description: "`null` where the repository's ref has no such package." }),
    latestRevision: latestRevision.nullable().meta({ description: '`null` until one is published.' }),
    revisionCount: z
      .int()
      .min(0)
      .meta({ description: 'How many revisions it has, drafts included.', examples: [4] }),
    createdAt: timestamp('When it was first seen.'),
    updatedAt: timestamp('When it last changed.'),
    etag: etag('the package'),
  })
  .meta({ id: 'Package', description: 'A directory of KRM YAML in a repository.' });

export type PackageResponse = z.output<typeof packageResponse>;

export const packagePage = pageOf('PackagePage', 'packages', packageResponse);

const exact = (what: string, example: string) =>
  text(1024)
    .optional()
    .meta({ description: `Only with this ${what}.`, examples: [example] });

export const packageQuery = listQuery<PackageFilter>({
  repository: exact('repository (its name)', 'blueprints'),
  repositoryId: identifier('Only in this repository.').optional(),
  target: exact('target; empty: without one', 'edge-1'),
  realm: exact('realm; may be empty', 'nf'),
  package: exact('package name', 'core'),
  name: exact('package name; the same as `package`', 'core'),
  path: exact('path', 'nf/core'),
  q: text(255)
    .min(1)
    .optional()
    .meta({ description: 'Only with this in their path.', examples: ['core'] }),
});

export type PackageQuery = z.output<typeof packageQuery>;
