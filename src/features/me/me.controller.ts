import { Controller, Get, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { INSTANCE } from '../../access/permission.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import {
  type MeResponse,
  meResponse,
  type PermissionsQuery,
  permissionsQuery,
  type PermissionsResponse,
  permissionsResponse,
} from './me.schema.js';

/** All of it is known from signing in; there is nothing to look up. */
@Tag('access')
@Controller('api/v1/me')
export class MeController {
  @Get()
  @Endpoint({
    permission: 'signedIn',
    summary: 'Who you are',
    description: 'Your name and groups as the server knows them, and what you may do on all repositories.',
    returns: meResponse,
  })
  getMe(@CurrentCaller() caller: Caller): MeResponse {
    const { user, email, groups, tokenId = null, verified } = caller;
    return { user, email, groups: [...groups], tokenId, verified, permissions: caller.permissionsFor(INSTANCE) };
  }

  @Get('permissions')
  @Endpoint({
    permission: 'signedIn',
    summary: 'What you may do',
    description: 'All that you may do on all repositories, in one, or for one package path of it.',
    returns: permissionsResponse,
  })
  listMyPermissions(
    @Query({ schema: permissionsQuery }) query: PermissionsQuery,
    @CurrentCaller() caller: Caller,
  ): PermissionsResponse {
    const scope = { repositoryId: query.repositoryId ?? null, path: query.path ?? null };
    return { ...scope, permissions: caller.permissionsFor(scope) };
  }
}
