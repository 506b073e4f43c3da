import { Body, Controller, Delete, Get, type OnModuleInit, Param, Patch, Post, Query } from '@nestjs/common';
import type { Precondition } from '../../domain/precondition.js';
import type { Caller } from '../../access/caller.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { Foresight } from '../../http/foresight.js';
import { FinishedResources } from '../../http/finished-resources.js';
import { IfMatch } from '../../http/if-match.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import { type Accepted, accepted } from '../../http/accepted-work.js';
import {
  type RepositoryCreateRequest,
  repositoryCreateRequest,
  type RepositoryDeleteQuery,
  repositoryDeleteQuery,
  repositoryPage,
  type RepositoryPatchRequest,
  repositoryPatchRequest,
  type RepositoryQuery,
  repositoryQuery,
  type RepositoryResponse,
  repositoryResponse,
} from './repository.schema.js';
import { RepositoryService } from './repository.service.js';
import { toRepositoryResponse } from './repository.view.js';

const id = pathId('repository');

@Tag('repositories')
@Controller('api/v1/repositories')
export class RepositoryController implements OnModuleInit {
  constructor(
    private readonly repositories: RepositoryService,
    private readonly finished: FinishedResources,
    private readonly foresight: Foresight,
  ) {}

  onModuleInit(): void {
    this.finished.register('Repository', (repositoryId, caller) => this.getRepository(repositoryId, caller));
    this.foresight.register('createRepository', (body) => this.repositories.foresee(body as RepositoryResponse));
  }

  @Post()
  @Endpoint({
    permission: 'repositories.create',
    summary: 'Register a repository',
    description:
      'Registers a Git repository, or a directory of one, and starts its first sync in the background; `status` tells ' +
      'how that went. With `dryRun` the remote is asked at once, for its refs alone.',
    returns: repositoryResponse,
    shows: ['unread'],
    created: true,
    problems: ['alreadyExists', 'overlap', 'invalidUrl', 'invalidName', 'invalidPath', 'hostRefused'],
  })
  async createRepository(
    @Body({ schema: repositoryCreateRequest }) body: RepositoryCreateRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<RepositoryResponse> {
    return toRepositoryResponse(await this.repositories.create(body, caller));
  }

  @Get()
  @Endpoint({
    permission: 'repositories.read',
    summary: 'List repositories',
    description: 'Repositories that match all filters, by name.',
    returns: repositoryPage,
  })
  async listRepositories(
    @Query({ schema: repositoryQuery }) query: RepositoryQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<RepositoryResponse>> {
    return listPage(
      query,
      'repositories',
      (filter, part) => this.repositories.list(filter, caller, part),
      toRepositoryResponse,
    );
  }

  @Get(':id')
  @Endpoint({
    permission: 'repositories.read',
    summary: 'Get a repository',
    description: 'One repository.',
    returns: repositoryResponse,
  })
  async getRepository(
    @Param('id', { schema: id }) repositoryId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<RepositoryResponse> {
    return toRepositoryResponse(await this.repositories.get(repositoryId, caller));
  }

  @Patch(':id')
  @Endpoint({
    permission: 'repositories.update',
    summary: 'Update a repository',
    description:
      'Changes a repository, also where it is: a place that does not hold the commit seen last is not read (`HistoryDiffers`).',
    returns: repositoryResponse,
    problems: ['immutableField', 'overlap', 'invalidUrl', 'invalidName', 'invalidPath', 'hostRefused'],
  })
  async updateRepository(
    @Param('id', { schema: id }) repositoryId: string,
    @Body({ schema: repositoryPatchRequest }) body: RepositoryPatchRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<RepositoryResponse> {
    return toRepositoryResponse(await this.repositories.update(repositoryId, body, seen, caller));
  }

  @Delete(':id')
  @Endpoint({
    permission: 'repositories.delete',
    summary: 'Unregister a repository',
    description:
      'Forgets a repository and all that is indexed of it, and cancels its open operations. The Git remote is not touched.',
    problems: ['draftsExist'],
  })
  async deleteRepository(
    @Param('id', { schema: id }) repositoryId: string,
    @Query({ schema: repositoryDeleteQuery }) { drafts }: RepositoryDeleteQuery,
    @IfMatch() seen: Precondition,
  ): Promise<void> {
    return this.repositories.delete(repositoryId, drafts, seen);
  }

  @Post(':id/sync')
  @Endpoint({
    permission: 'repositories.sync',
    summary: 'Sync a repository',
    description: 'Brings the index up to date with the Git remote.',
    accepted: 'always',
    returns: repositoryResponse,
    shows: ['ready'],
  })
  async syncRepository(
    @Param('id', { schema: id }) repositoryId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<Accepted> {
    return accepted(await this.repositories.sync(repositoryId, caller));
  }
}
