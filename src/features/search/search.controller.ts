import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import {
  type SearchPage,
  searchPage,
  type SearchQuery,
  searchQuery,
  type SearchRequest,
  searchRequest,
} from './search.schema.js';
import { SearchAnswers } from './search-answers.js';

@Tag('search')
@Controller('api/v1/search')
export class SearchController {
  constructor(private readonly searches: SearchAnswers) {}

  @Get()
  @Endpoint({
    permission: 'packages.read',
    summary: 'Search by a URL',
    description: 'As `searchObjects`, in every package.',
    returns: searchPage,
    problems: ['invalidSearch', 'queryTooExpensive'],
  })
  async searchObjectsByUrl(
    @Query({ schema: searchQuery }) { q, ...request }: SearchQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<SearchPage> {
    return this.searches.answer({ query: q, ...request }, caller);
  }

  @Post()
  @Endpoint({
    permission: 'packages.read',
    summary: 'Search objects',
    description: 'Kubernetes objects, in each package revision that holds them. Values of Secrets are not searched.',
    returns: searchPage,
    reads: true,
    problems: ['invalidSearch', 'queryTooExpensive'],
  })
  async searchObjects(
    @Body({ schema: searchRequest }) request: SearchRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<SearchPage> {
    return this.searches.answer(request, caller);
  }
}
