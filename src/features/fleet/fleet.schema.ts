import { z } from 'zod';
import { isQualifiedName } from '../../domain/labels.js';
import { count, EXAMPLE_ID, identifier, nullableText, pageOf, timestamp } from '../../http/schema/fields.js';
import { paging } from '../../http/schema/query.js';

const LABEL = 'label.';
const GROUPINGS = ['target', 'upstream', 'repository'];

const nullableId = (description: string) =>
  z
    .uuid()
    .nullable()
    .meta({ description, examples: [EXAMPLE_ID], openapi: { type: ['string', 'null'], format: 'uuid' } });

const use = z
  .strictObject({
    packageId: identifier('The upstream package.'),
    repository: z.string().meta({ description: 'The name of its repository.', examples: ['blueprints'] }),
    path: z.string().meta({ description: 'Its path.', examples: ['nf/core'] }),
    revisionId: identifier('The id of the revision.'),
    revision: z.string().meta({ description: 'Its revision.', examples: ['v3'] }),
    packages: count('How many packages of the group were made from it.', 12),
  })
  .meta({ id: 'FleetUpstreamRevision', description: 'A revision that packages were made from.' });

const group = z
  .strictObject({
    key: nullableText(
      'The name of the target or of the repository, the value of the label, or the repository and path of the upstream package; `null`: what has none of these, or none that you may see.',
      'edge-1',
    ),
    id: nullableId('The id of the target, repository or upstream package; `null` for labels, and where `key` is.'),
    packages: count('How many packages there are.', 20),
    published: count('Of how many something is published.', 19),
    behind: count(
      'How many were made, or have a folder that was made, from what is not the newest version any more.',
      4,
    ),
    drifted: count('How many have drift of which nobody has said anything.', 1),
    unhealthy: count('How many are reported to have failed, or to be degraded.', 0),
    openDrafts: count('How many drafts and proposals are open.', 2),
    upstreamRevisions: z.array(use).meta({
      description:
        'What their latest publications were made from, most used first: a hundred at most, and none that you may not see.',
    }),
  })
  .meta({ id: 'FleetGroup', description: 'What is counted of packages that belong together.' });

export const fleetPage = pageOf('FleetPage', 'groups', group);

export type FleetPage = z.output<typeof fleetPage>;

export const fleetQuery = z.strictObject({
  groupBy: z
    .string()
    .max(512)
    .refine(
      (text) => GROUPINGS.includes(text) || (text.startsWith(LABEL) && isQualifiedName(text.slice(LABEL.length))),
      {
        error: 'It is one of target, upstream, repository, or label. with the key of a label behind it.',
      },
    )
    .default('target')
    .meta({
      description:
        '`target`; `label.KEY`: by the value of this label of their targets; `upstream`: by the package that they were made from; `repository`.',
      examples: ['label.region'],
    }),
  ...paging,
});

export type FleetQuery = z.output<typeof fleetQuery>;

const column = z
  .strictObject({
    revisionId: identifier('Its id.'),
    revision: z.string().meta({ description: 'Its revision.', examples: ['v3'] }),
    publishedAt: timestamp('When it was published.').nullable(),
  })
  .meta({ id: 'FleetMatrixColumn', description: 'A published revision of the blueprint.' });

const cellPackage = z
  .strictObject({
    packageId: identifier('The package.'),
    repositoryId: identifier('The repository that it is in.'),
    path: z.string().meta({ description: 'Its path.', examples: ['edge-1/nf/core'] }),
    folder: z.string().meta({
      description: 'The folder of it that was made from the blueprint; empty: the package itself.',
      examples: [''],
    }),
  })
  .meta({ id: 'FleetMatrixPackage', description: 'A package that was made from the blueprint.' });

const cell = z
  .strictObject({
    revisionId: nullableId(
      'The revision that these were made from; `null`: from what is no publication, or not any more.',
    ),
    revision: nullableText('Its revision.', 'v3'),
    behind: z
      .int()
      .min(0)
      .nullable()
      .meta({ description: 'How many published versions are newer; `null` where nobody can tell.', examples: [2] }),
    packages: z.array(cellPackage).meta({ description: 'The packages, by path.' }),
  })
  .meta({ id: 'FleetMatrixCell', description: 'What of a target was made from one revision.' });

const row = z
  .strictObject({
    target: z.string().meta({ description: 'The name of the target.', examples: ['edge-1'] }),
    targetId: nullableId('Its id.'),
    packageCount: count('How many packages of it were made from the blueprint.', 1),
    cells: z.array(cell).meta({ description: 'By revision, as far as there are packages; of 500 packages at most.' }),
  })
  .meta({ id: 'FleetMatrixRow', description: 'What of a target was made from the blueprint.' });

export const fleetMatrix = pageOf('FleetMatrix', 'targets', row)
  .extend({
    upstreamPackageId: identifier('The blueprint.'),
    columns: z.array(column).meta({ description: 'Its newest hundred revisions, the newest first.' }),
  })
  .meta({ id: 'FleetMatrix', description: 'Which revision of a blueprint each target has, by target.' });

export type FleetMatrix = z.output<typeof fleetMatrix>;

export const fleetMatrixQuery = z.strictObject({ upstreamPackageId: identifier('The blueprint.'), ...paging });

export type FleetMatrixQuery = z.output<typeof fleetMatrixQuery>;
