import { z } from 'zod';
import { count, identifier, nullableText, pageOf } from '../../http/schema/fields.js';
import { paging, wholeNumber } from '../../http/schema/query.js';
import { lifecycle } from '../package-revisions/package-revision.schema.js';
import { upstreamStatus } from '../package-revisions/upstream-status.schema.js';

const MOST_LEVELS = 10;

const COLLISION = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'default',
  name: 'web',
  path: 'spec.replicas',
  local: 5,
  newest: 3,
};

const collision = z
  .strictObject({
    apiVersion: z.string().meta({ description: 'Of the object.', examples: ['apps/v1'] }),
    kind: z.string().meta({ description: 'Its kind.', examples: ['Deployment'] }),
    namespace: nullableText('Its namespace.', 'default'),
    name: nullableText('Its name.', 'web'),
    path: z.string().meta({ description: 'The field; empty: the whole object.', examples: ['spec.replicas'] }),
    local: z.unknown().meta({ description: 'The value here; a hash for what a Secret holds.', examples: [5] }),
    newest: z.unknown().meta({ description: 'The value in the newest version of the upstream.', examples: [3] }),
  })
  .meta({
    id: 'ImpactCollision',
    description: 'A field that was changed here, and that the newest version changes to another value.',
  });

export const openDraft = z
  .strictObject({
    revisionId: identifier('The id of the package revision.'),
    workspace: z.string().meta({ description: 'Its workspace.', examples: ['initial'] }),
    lifecycle,
  })
  .meta({ id: 'ImpactDraft', description: 'A draft or proposal.' });

const node = z
  .strictObject({
    depth: z.int().meta({ description: '1: made from the package itself. More: through others.', examples: [1] }),
    via: identifier('The package that it was made from.'),
    packageId: identifier('The package.'),
    repositoryId: identifier('The repository that it is in.'),
    repository: z.string().meta({ description: "That repository's name.", examples: ['fleet'] }),
    path: z.string().meta({ description: 'Its path.', examples: ['edge-1/nf/core'] }),
    target: nullableText('Where it is delivered to.', 'edge-1'),
    package: z.string().meta({ description: 'The last segment of its path.', examples: ['core'] }),
    latest: z
      .strictObject({ revisionId: identifier('Its id.'), revision: nullableText('Its revision.', 'v2') })
      .meta({ id: 'ImpactRevision', description: 'A publication.' })
      .nullable()
      .meta({ description: 'Its latest publication; `null` where it has drafts alone.' }),
    upstreamStatus: upstreamStatus.meta({ description: 'Of its latest publication.' }),
    foldersBehind: count('How many folders in it were made from what is not the newest version any more.', 0),
    drafts: z.array(openDraft).meta({ description: 'What of it is open.' }),
    collisions: z
      .array(collision)
      .nullable()
      .meta({
        description: 'What an upgrade would collide with. `null`: it is not behind, or you may not see its upstream.',
        examples: [[COLLISION]],
      }),
  })
  .meta({ id: 'ImpactNode', description: 'A package that was made from another.' });

const summary = z
  .strictObject({
    packages: count('How many packages.', 1200),
    direct: count('How many of them directly.', 40),
    targets: count('Of how many targets.', 300),
    behind: count('How many are behind, or have a folder that is.', 17),
    drafts: count('How many of their drafts and proposals are open.', 5),
  })
  .meta({ id: 'ImpactSummary', description: 'What there is on all pages, as far as you may see it.' });

export const impactResponse = pageOf('ImpactPage', 'packages', node)
  .extend({ summary })
  .meta({ id: 'ImpactPage', description: 'Who was made from a package, level by level, by path.' });

export type ImpactResponse = z.output<typeof impactResponse>;

export const impactQuery = z.strictObject({
  depth: wholeNumber
    .optional()
    .transform((value) => Math.min(Number(value ?? 3), MOST_LEVELS))
    .meta({
      description: `How many levels. More than ${MOST_LEVELS} is taken as ${MOST_LEVELS}.`,
      openapi: { type: 'integer', minimum: 1, default: 3 },
      examples: [3],
    }),
  ...paging,
});

export type ImpactQuery = z.output<typeof impactQuery>;
