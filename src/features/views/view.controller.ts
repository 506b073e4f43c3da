import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { Precondition } from '../../domain/precondition.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { IfMatch } from '../../http/if-match.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import {
  type ViewCreateRequest,
  viewCreateRequest,
  viewPage,
  type ViewPatchRequest,
  viewPatchRequest,
  type ViewQuery,
  viewQuery,
  type ViewResponse,
  viewResponse,
} from './view.schema.js';
import { ViewService } from './view.service.js';
import { toViewResponse } from './view.view.js';

const id = pathId('view');

@Tag('search')
@Controller('api/v1/views')
export class ViewController {
  constructor(private readonly views: ViewService) {}

  @Post()
  @Endpoint({
    permission: 'signedIn',
    summary: 'Save a search',
    description: 'Makes a view: a query under a name, for yourself or for everybody.',
    returns: viewResponse,
    created: true,
    problems: ['alreadyExists', 'invalidSearch'],
  })
  async createView(
    @Body({ schema: viewCreateRequest }) body: ViewCreateRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ViewResponse> {
    return toViewResponse(await this.views.create(body, caller));
  }

  @Get()
  @Endpoint({
    permission: 'signedIn',
    summary: 'List views',
    description: 'Your own views and those that are shared, by name.',
    returns: viewPage,
  })
  async listViews(
    @Query({ schema: viewQuery }) query: ViewQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<ViewResponse>> {
    return listPage(query, 'views', (filter, part) => this.views.list(filter, caller, part), toViewResponse);
  }

  @Get(':id')
  @Endpoint({ permission: 'signedIn', summary: 'Get a view', description: 'One view.', returns: viewResponse })
  async getView(@Param('id', { schema: id }) viewId: string, @CurrentCaller() caller: Caller): Promise<ViewResponse> {
    return toViewResponse(await this.views.get(viewId, caller));
  }

  @Patch(':id')
  @Endpoint({
    permission: 'signedIn',
    summary: 'Update a view',
    description: 'Changes a view of your own.',
    returns: viewResponse,
    problems: ['alreadyExists', 'invalidSearch', 'forbidden'],
  })
  async updateView(
    @Param('id', { schema: id }) viewId: string,
    @Body({ schema: viewPatchRequest }) body: ViewPatchRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<ViewResponse> {
    return toViewResponse(await this.views.update(viewId, body, caller, seen));
  }

  @Delete(':id')
  @Endpoint({
    permission: 'signedIn',
    summary: 'Delete a view',
    description: 'Deletes a view of your own.',
    problems: ['forbidden'],
  })
  async deleteView(
    @Param('id', { schema: id }) viewId: string,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    return this.views.delete(viewId, caller, seen);
  }
}
