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
  type SetPreviewRequest,
  setPreviewRequest,
  type SetPreviewResponse,
  setPreviewResponse,
  type VariantSetCreateRequest,
  variantSetCreateRequest,
  variantSetPage,
  type VariantSetPatchRequest,
  variantSetPatchRequest,
  type VariantSetQuery,
  variantSetQuery,
  type VariantSetResponse,
  variantSetResponse,
} from './variant-set.schema.js';
import { VariantSetService } from './variant-set.service.js';
import { toSetPreviewResponse, toVariantSetResponse } from './variant-set.view.js';

const id = pathId('variant set');

@Tag('variants')
@Controller('api/v1/variant-sets')
export class VariantSetController {
  constructor(private readonly sets: VariantSetService) {}

  @Post()
  @Endpoint({
    permission: 'variants.manage',
    summary: 'Create a variant set',
    description:
      'Has one package for each of many targets kept in step with a blueprint: members come, change and go as the targets do.',
    returns: variantSetResponse,
    created: true,
    problems: ['alreadyExists', 'invalidName'],
  })
  async createVariantSet(
    @Body({ schema: variantSetCreateRequest }) body: VariantSetCreateRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<VariantSetResponse> {
    return toVariantSetResponse(await this.sets.create(body, caller));
  }

  @Get()
  @Endpoint({
    permission: 'variants.read',
    summary: 'List variant sets',
    description: 'Sets that match all filters, by name: those in repositories that you may see.',
    returns: variantSetPage,
  })
  async listVariantSets(
    @Query({ schema: variantSetQuery }) query: VariantSetQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<VariantSetResponse>> {
    return listPage(
      query,
      'variant-sets',
      (filter, part) => this.sets.list(filter, caller, part),
      toVariantSetResponse,
    );
  }

  @Get(':id')
  @Endpoint({
    permission: 'variants.read',
    summary: 'Get a variant set',
    description: 'One set, with how many of its members are in which state.',
    returns: variantSetResponse,
  })
  async getVariantSet(@Param('id', { schema: id }) setId: string): Promise<VariantSetResponse> {
    return toVariantSetResponse(await this.sets.get(setId));
  }

  @Patch(':id')
  @Endpoint({
    permission: 'variants.manage',
    summary: 'Update a variant set',
    description: 'Changes what is wanted of all members, or which targets have one.',
    returns: variantSetResponse,
  })
  async updateVariantSet(
    @Param('id', { schema: id }) setId: string,
    @Body({ schema: variantSetPatchRequest }) body: VariantSetPatchRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<VariantSetResponse> {
    return toVariantSetResponse(await this.sets.update(setId, body, caller, seen));
  }

  @Post(':id/preview')
  @Endpoint({
    permission: 'variants.manage',
    summary: 'Preview a change of a variant set',
    description: 'What a change would make, change and retire. Nothing is done.',
    returns: setPreviewResponse,
    reads: true,
  })
  async previewVariantSet(
    @Param('id', { schema: id }) setId: string,
    @Body({ schema: setPreviewRequest }) body: SetPreviewRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<SetPreviewResponse> {
    return toSetPreviewResponse(await this.sets.preview(setId, body, caller));
  }

  @Delete(':id')
  @Endpoint({
    permission: 'variants.manage',
    summary: 'Delete a variant set',
    description: 'Retires all members. What becomes of their packages its `deletion` says; a worker does that.',
  })
  async deleteVariantSet(
    @Param('id', { schema: id }) setId: string,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    return this.sets.delete(setId, caller, seen);
  }
}
