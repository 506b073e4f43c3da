import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { Precondition } from '../../domain/precondition.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { IfMatch } from '../../http/if-match.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import {
  type ApiTokenCreateRequest,
  apiTokenCreateRequest,
  apiTokenPage,
  type ApiTokenQuery,
  apiTokenQuery,
  type ApiTokenResponse,
  apiTokenResponse,
  type IssuedApiTokenResponse,
  issuedApiTokenResponse,
} from './api-token.schema.js';
import { ApiTokenService } from './api-token.service.js';
import { toApiTokenResponse } from './api-token.view.js';

const id = pathId('API token');

@Tag('access')
@Controller('api/v1/api-tokens')
export class ApiTokenController {
  constructor(private readonly tokens: ApiTokenService) {}

  @Post()
  @Endpoint({
    permission: 'signedIn',
    summary: 'Create an API token',
    description:
      'Makes a token that acts for you, or for another user if you may manage tokens. Its text is in this answer and ' +
      'nowhere else. One that you make with a token ends with that. A token that is narrowed to roles or repositories ' +
      'cannot make tokens.',
    returns: issuedApiTokenResponse,
    created: true,
    shownOnce: 'token',
    problems: ['forbidden'],
  })
  async createApiToken(
    @Body({ schema: apiTokenCreateRequest }) body: ApiTokenCreateRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<IssuedApiTokenResponse> {
    const { row, token } = await this.tokens.create(body, caller);
    return { ...toApiTokenResponse(row), token };
  }

  @Get()
  @Endpoint({
    permission: 'signedIn',
    summary: 'List API tokens',
    description: 'Your API tokens, or everybody’s if you may manage tokens, newest first; those that ended are kept.',
    returns: apiTokenPage,
  })
  async listApiTokens(
    @Query({ schema: apiTokenQuery }) query: ApiTokenQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<ApiTokenResponse>> {
    return listPage(query, 'api-tokens', (filter, part) => this.tokens.list(filter, caller, part), toApiTokenResponse);
  }

  @Get(':id')
  @Endpoint({
    permission: 'signedIn',
    summary: 'Get an API token',
    description: 'One API token, without its secret.',
    returns: apiTokenResponse,
  })
  async getApiToken(
    @Param('id', { schema: id }) tokenId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<ApiTokenResponse> {
    return toApiTokenResponse(await this.tokens.get(tokenId, caller));
  }

  @Delete(':id')
  @Endpoint({
    permission: 'signedIn',
    summary: 'Revoke an API token',
    description: 'It works no more, at once and for good, nor does any that was made with it.',
  })
  async revokeApiToken(
    @Param('id', { schema: id }) tokenId: string,
    @CurrentCaller() caller: Caller,
    @IfMatch() seen: Precondition,
  ): Promise<void> {
    return this.tokens.revoke(tokenId, caller, seen);
  }
}
