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
  type TargetCreateRequest,
  targetCreateRequest,
  targetPage,
  type TargetPatchRequest,
  targetPatchRequest,
  type TargetQuery,
  targetQuery,
  type TargetResponse,
  targetResponse,
} from './target.schema.js';
import { TargetService } from './target.service.js';
import { toTargetResponse } from './target.view.js';

const id = pathId('target');

@Tag('targets')
@Controller('api/v1/targets')
export class TargetController {
  constructor(private readonly targets: TargetService) {}

  @Post()
  @Endpoint({
    permission: 'targets.manage',
    summary: 'Create a target',
    description:
      'Makes a target before its first package. Those that packages name are there by themselves: they need no more than labels.',
    returns: targetResponse,
    created: true,
    problems: ['alreadyExists'],
  })
  async createTarget(
    @Body({ schema: targetCreateRequest }) body: TargetCreateRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<TargetResponse> {
    return toTargetResponse(await this.targets.create(body, caller));
  }

  @Get()
  @Endpoint({
    permission: 'targets.read',
    summary: 'List targets',
    description:
      'Targets that match all filters, by name: those that have a package, or name a repository, that you may see.',
    returns: targetPage,
  })
  async listTargets(
    @Query({ schema: targetQuery }) query: TargetQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<TargetResponse>> {
    return listPage(query, 'targets', (filter, part) => this.targets.list(filter, caller, part), toTargetResponse);
  }

  @Get(':id')
  @Endpoint({
    permission: 'targets.read',
    summary: 'Get a target',
    description: 'One target.',
    returns: targetResponse,
  })
  async getTarget(
    @Param('id', { schema: id }) targetId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<TargetResponse> {
    return toTargetResponse(await this.targets.get(targetId, caller));
  }

  @Patch(':id')
  @Endpoint({
    permission: 'targets.manage',
    summary: 'Update a target',
    description: 'Changes the description, the labels or the repositories.',
    returns: targetResponse,
  })
  async updateTarget(
    @Param('id', { schema: id }) targetId: string,
    @Body({ schema: targetPatchRequest }) body: TargetPatchRequest,
    @IfMatch() seen: Precondition,
  ): Promise<TargetResponse> {
    return toTargetResponse(await this.targets.update(targetId, body, seen));
  }

  @Delete(':id')
  @Endpoint({
    permission: 'targets.manage',
    summary: 'Delete a target',
    description: 'Forgets a target to which no package goes.',
    problems: ['inUse'],
  })
  async deleteTarget(@Param('id', { schema: id }) targetId: string, @IfMatch() seen: Precondition): Promise<void> {
    return this.targets.delete(targetId, seen);
  }
}
