import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { listPage } from '../../http/schema/pagination.js';
import type { SearchPage, SearchRequest } from './search.schema.js';
import { type Found, SearchService } from './search.service.js';
import { toSearchPage, toSearchResult } from './search.view.js';

/** Answers searches, however they were asked. */
@Injectable()
export class SearchAnswers {
  constructor(private readonly searches: SearchService) {}

  async answer({ facets = [], ...request }: SearchRequest, caller: Caller): Promise<SearchPage> {
    let besides: Pick<Found, 'facets' | 'complete'> = { facets: [], complete: true };
    const visible = caller.visibility('packages.read');
    const page = await listPage(
      request,
      'search',
      async ({ query = '', scope = {} }, part) =>
        (besides = await this.searches.search({ query, scope, facets: [...new Set(facets)] }, visible, part)),
      toSearchResult,
    );
    return toSearchPage(page, besides);
  }
}
