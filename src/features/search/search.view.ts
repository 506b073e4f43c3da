import type { Page } from '../../http/schema/pagination.js';
import type { SearchPage } from './search.schema.js';
import type { Found, Hit } from './search.service.js';

type SearchResult = SearchPage['items'][number];

export function toSearchResult({ row, matches }: Hit): SearchResult {
  return {
    object: {
      apiVersion: row.apiVersion,
      kind: row.kind,
      namespace: row.namespace,
      name: row.name,
      path: row.file,
      position: row.position,
    },
    where: {
      revisionId: row.revisionId,
      name: row.revisionName,
      repositoryId: row.repositoryId,
      repository: row.repository,
      packageId: row.packageId,
      target: row.target,
      package: row.package,
      path: row.packagePath,
      revision: row.revision,
      lifecycle: row.lifecycle,
      latest: row.latest,
    },
    matches,
  };
}

/** A page with what was found besides. */
export const toSearchPage = (
  page: Page<SearchResult>,
  { facets, complete }: Pick<Found, 'facets' | 'complete'>,
): SearchPage => ({ ...page, facets: facets.map(({ facet, value, count }) => ({ facet, value, count })), complete });
