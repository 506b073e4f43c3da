import { z } from 'zod';
import { count, identifier, nullableText, pageOf, timestamp } from '../../http/schema/fields.js';
import { paging } from '../../http/schema/query.js';
import { openDraft } from '../package-impact/impact.schema.js';
import { deliveryHealth, deliveryState } from '../package-deliveries/package-delivery.schema.js';
import { driftState } from '../packages/package.schema.js';
import { upstreamStatus } from '../package-revisions/upstream-status.schema.js';

const published = z
  .strictObject({
    revisionId: identifier('Its id.'),
    revision: nullableText('Its revision.', 'v2'),
    publishedAt: timestamp('When it was published.').nullable(),
    publishedBy: nullableText('Who published it.', 'grace'),
  })
  .meta({ id: 'TargetPublication', description: 'The latest publication of a package.' });

const change = z
  .strictObject({
    at: timestamp('When.'),
    by: z.string().meta({ description: 'By whom.', examples: ['ada'] }),
  })
  .meta({ id: 'TargetPackageChange', description: 'A change of a revision.' });

const delivery = z
  .strictObject({
    tool: z.string().meta({ description: 'The tool that said so.', examples: ['flux'] }),
    state: deliveryState,
    health: deliveryHealth,
    revision: nullableText('The revision that it is about; `null`: none has that content.', 'v1'),
    message: z.string().meta({ description: 'What it said.', examples: ['Applied in 1.2s.'] }),
    observedAt: timestamp('When it saw it so.'),
  })
  .meta({ id: 'TargetDelivery', description: 'What a delivery tool observed of a package.' });

const targetPackage = z
  .strictObject({
    packageId: identifier('The package.'),
    repositoryId: identifier('The repository that it is in.'),
    repository: z.string().meta({ description: "That repository's name.", examples: ['fleet'] }),
    path: z.string().meta({ description: 'Its path.', examples: ['edge-1/nf/core'] }),
    realm: z.string().meta({ description: 'The directories between target and package.', examples: ['nf'] }),
    package: z.string().meta({ description: 'The last segment of its path.', examples: ['core'] }),
    published: published.nullable().meta({ description: '`null` until something is published.' }),
    upstreamStatus: upstreamStatus.meta({ description: 'Of its latest publication.' }),
    foldersBehind: count('How many folders in it were made from what is not the newest version any more.', 0),
    openDrafts: z.array(openDraft).meta({ description: 'Its drafts and proposals.' }),
    driftState,
    lastChange: change
      .nullable()
      .meta({ description: 'The last change of any of its revisions; `null`: it has none.' }),
    delivery: delivery.nullable().meta({ description: 'What is there, as reported; `null`: nobody has.' }),
    images: z.array(z.string()).meta({
      description: 'The images that the objects of its latest publication name.',
      examples: [['docker.io/library/nginx:1.27']],
    }),
  })
  .meta({ id: 'TargetPackage', description: 'A package that goes to a target.' });

export const targetPackagePage = pageOf('TargetPackagePage', 'packages', targetPackage);

export type TargetPackagePage = z.output<typeof targetPackagePage>;

export const targetPackageQuery = z.strictObject(paging);

export type TargetPackageQuery = z.output<typeof targetPackageQuery>;
