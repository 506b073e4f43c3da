import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { Precondition } from '../../domain/precondition.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { IfMatch } from '../../http/if-match.js';
import { Tag } from '../../http/openapi/tags.js';
import type { RawContent } from '../../http/reply.js';
import { pathId } from '../../http/schema/fields.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import { VariantConflicts } from './variant-conflicts.js';
import {
  type VariantConflictsResponse,
  variantConflictsResponse,
  type VariantCreateRequest,
  variantCreateRequest,
  variantPage,
  type VariantPatchRequest,
  variantPatchRequest,
  type VariantQuery,
  variantQuery,
  type VariantResponse,
  variantResponse,
} from './variant.schema.js';
import { VariantService } from './variant.service.js';
import { toConflictsResponse, toVariantResponse } from './variant.view.js';

const id = pathId('variant');

@Tag('variants')
@Controller('api/v1/variants')
export class VariantController {
  constructor(
    private readonly variants: VariantService,
    private readonly conflicts: VariantConflicts,
  ) {}

  @Post()
  @Endpoint({
    permission: 'variants.manage',
    summary: 'Create a variant',
    description:
      'Has a package kept in step with a blueprint. A worker makes its first draft at once, and another one whenever what it is made of changes.',
    returns: variantResponse,
    created: true,
    problems: ['alreadyExists', 'invalidName'],
  })
  async createVariant(
    @Body({ schema: variantCreateRequest }) body: VariantCreateRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<VariantResponse> {
    return toVariantResponse(await this.variants.create(body, caller));
  }

  @Get()
  @Endpoint({
    permission: 'variants.read',
    summary: 'List variants',
    description: 'Variants that match all filters, by name: those whose packages you may see.',
    returns: variantPage,
  })
  async listVariants(
    @Query({ schema: variantQuery }) query: VariantQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<VariantResponse>> {
    return listPage(query, 'variants', (filter, part) => this.variants.list(filter, caller, part), toVariantResponse);
  }

  @Get(':id')
  @Endpoint({
    permission: 'variants.read',
    summary: 'Get a variant',
    description: 'One variant.',
    returns: variantResponse,
  })
  async getVariant(@Param('id', { schema: id }) variantId: string): Promise<VariantResponse> {
    return toVariantResponse(await this.variants.get(variantId));
  }

  @Get(':id/conflicts')
  @Endpoint({
    permission: 'variants.read',
    summary: 'List conflicts of a variant',
    description:
      'What both sides have changed and nobody has settled, with what each of them holds. Empty for those who may not see what it is made from.',
    returns: variantConflictsResponse,
  })
  async listVariantConflicts(
    @Param('id', { schema: id }) variantId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<VariantConflictsResponse | RawContent> {
    return toConflictsResponse(await this.conflicts.of(await this.variants.get(variantId), caller));
  }

  @Patch(':id')
  @Endpoint({
    permission: 'variants.manage',
    summary: 'Update a variant',
    description: 'Changes what is wanted, or settles conflicts. A worker renews the draft.',
    returns: variantResponse,
    problems: ['stateConflict'],
  })
  async updateVariant(
    @Param('id', { schema: id }) variantId: string,
    @Body({ schema: variantPatchRequest }) body: VariantPatchRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<VariantResponse> {
    return toVariantResponse(await this.variants.update(variantId, body, caller, seen));
  }

  @Post(':id/reconcile')
  @Endpoint({
    permission: 'variants.manage',
    summary: 'Bring a variant in step',
    description: 'Has it looked at anew: also where its draft was deleted, or where nothing is done unasked.',
    returns: variantResponse,
  })
  async reconcileVariant(
    @Param('id', { schema: id }) variantId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<VariantResponse> {
    return toVariantResponse(await this.variants.reconcile(variantId, caller));
  }

  @Delete(':id')
  @Endpoint({
    permission: 'variants.manage',
    summary: 'Delete a variant',
    description: 'Retires it. What becomes of its package its `deletion` says; a worker does that.',
    problems: ['stateConflict'],
  })
  async deleteVariant(
    @Param('id', { schema: id }) variantId: string,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    return this.variants.delete(variantId, caller, seen);
  }
}
