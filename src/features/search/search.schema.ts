import { z } from 'zod';
import { choice } from '../../http/schema/choice.js';
import { count, identifier, nullableText, pageOf } from '../../http/schema/fields.js';
import { listQuery } from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';
import { revisionQuery } from '../package-revisions/package-revision.request.schema.js';
import { lifecycle } from '../package-revisions/package-revision.schema.js';
import { FACETS, SEARCH_SORTS } from './hit.sql.js';

const facet = choice('SearchFacet', FACETS, 'Something by which results are counted.');

const EXAMPLE_QUERY = 'kind = Deployment AND spec.replicas > 3';
const queryText = text(8192)
  .optional()
  .meta({ description: 'What objects are to be: docs/search.md.', examples: [EXAMPLE_QUERY] });

export const searchQuery = listQuery<{ q?: string }>({ q: queryText }, SEARCH_SORTS);

export type SearchQuery = z.output<typeof searchQuery>;

const { shape } = searchQuery;

const searchScope = revisionQuery
  .omit({
    ...{ asOf: true, waitingFor: true, sort: true, pageSize: true, cursor: true },
  })
  .extend({
    lifecycle: z
      .array(lifecycle)
      .min(1)
      .max(4)
      .optional()
      .meta({ description: 'Only in these states.', examples: [['draft']] }),
    latest: z
      .boolean()
      .optional()
      .meta({ description: 'Only the highest published versions, or only the others.', examples: [true] }),
  })
  .meta({
    id: 'SearchScope',
    description:
      'Filters of package revisions. Unless `latest`, `lifecycle`, `revision` or `workspace` is named here or in the query: ' +
      'the latest publications.',
  });

export const searchRequest = z
  .strictObject({
    query: queryText,
    scope: searchScope.optional(),
    facets: z.array(facet).max(FACETS.length).optional().meta({ description: 'Count the results by these.' }),
    sort: shape.sort,
    pageSize: z
      .int()
      .min(1)
      .default(50)
      .transform((size) => Math.min(size, 500))
      .meta({ description: 'Up to 500.', examples: [50] }),
    cursor: shape.cursor,
  })
  .meta({ id: 'SearchRequest', description: 'A search.', examples: [{ query: EXAMPLE_QUERY, facets: ['kind'] }] });

export type SearchRequest = z.output<typeof searchRequest>;

const object = z
  .strictObject({
    apiVersion: z.string().meta({ description: 'Its apiVersion.', examples: ['apps/v1'] }),
    kind: z.string().meta({ description: 'Its kind.', examples: ['Deployment'] }),
    namespace: nullableText('metadata.namespace.', 'core'),
    name: nullableText('metadata.name.', 'web'),
    path: z.string().meta({ description: 'The path of its file in the package.', examples: ['web.yaml'] }),
    position: count('Its place in the file.', 0),
  })
  .meta({ id: 'FoundObject', description: 'A Kubernetes object.' });

const where = z
  .strictObject({
    revisionId: identifier('The package revision.'),
    name: z.string().meta({ description: 'Its name.', examples: ['edge-1.fleet.nf.core.initial'] }),
    repositoryId: identifier('Its repository.'),
    repository: z.string().meta({ description: "That repository's name.", examples: ['fleet'] }),
    packageId: identifier('Its package.'),
    target: nullableText('Where it is delivered to.', 'edge-1'),
    package: z.string().meta({ description: "The package's name.", examples: ['core'] }),
    path: z.string().meta({ description: "The package's path.", examples: ['edge-1/nf/core'] }),
    revision: nullableText('Its revision.', 'v1'),
    lifecycle,
    latest: z.boolean().meta({ description: 'Whether it is the latest publication.', examples: [true] }),
  })
  .meta({ id: 'FoundPlace', description: 'The package revision that holds it.' });

const match = z
  .strictObject({
    field: z.string().meta({ description: 'A field of the query.', examples: ['spec.replicas'] }),
    values: z
      .array(z.string())
      .meta({ description: 'Its values that match: the first ten, and of each 256 characters.', examples: [['5']] }),
  })
  .meta({ id: 'SearchMatch', description: 'What the query found in an object.' });

const hit = z
  .strictObject({
    object,
    where,
    matches: z.array(match).meta({ description: "What matches of the object's own fields." }),
  })
  .meta({ id: 'SearchResult', description: 'An object in one place.' });

const facetCount = z
  .strictObject({
    facet,
    value: z.string().meta({ description: 'A value; empty where there is none.', examples: ['Deployment'] }),
    count: count('How many results have it.', 12),
  })
  .meta({ id: 'FacetCount', description: 'How often a value is there.' });

export const searchPage = pageOf('SearchPage', 'results', hit)
  .extend({
    facets: z.array(facetCount).meta({ description: 'All results counted: of each facet the 50 commonest values.' }),
    complete: z.boolean().meta({
      description: 'False while older content is still being indexed.',
      examples: [true],
    }),
  })
  .meta({ id: 'SearchPage', description: 'A page of results.' });

export type SearchPage = z.output<typeof searchPage>;
