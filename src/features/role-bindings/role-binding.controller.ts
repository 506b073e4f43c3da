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
  type RoleBindingCreateRequest,
  roleBindingCreateRequest,
  roleBindingPage,
  type RoleBindingQuery,
  roleBindingQuery,
  type RoleBindingResponse,
  roleBindingResponse,
} from './role-binding.schema.js';
import { RoleBindingService } from './role-binding.service.js';
import { toRoleBindingResponse } from './role-binding.view.js';

const id = pathId('role binding');

@Tag('access')
@Controller('api/v1/role-bindings')
export class RoleBindingController {
  constructor(private readonly bindings: RoleBindingService) {}

  @Post()
  @Endpoint({
    permission: 'roleBindings.manage',
    summary: 'Give a role',
    description:
      'Gives a user or a group a role: on all repositories, in one, or on some paths of one. Counts at once.',
    returns: roleBindingResponse,
    created: true,
    problems: ['alreadyExists', 'invalidPath'],
  })
  async createRoleBinding(
    @Body({ schema: roleBindingCreateRequest }) body: RoleBindingCreateRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<RoleBindingResponse> {
    return toRoleBindingResponse(await this.bindings.create(body, caller));
  }

  @Get()
  @Endpoint({
    permission: 'roleBindings.read',
    summary: 'List role bindings',
    description: 'Role bindings that match all filters, oldest first: those of the repositories that you administer.',
    returns: roleBindingPage,
  })
  async listRoleBindings(
    @Query({ schema: roleBindingQuery }) query: RoleBindingQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<RoleBindingResponse>> {
    const visible = caller.visibility('roleBindings.read');
    return listPage(
      query,
      'role-bindings',
      (filter, part) => this.bindings.list(filter, visible, part),
      toRoleBindingResponse,
    );
  }

  @Get(':id')
  @Endpoint({
    permission: 'roleBindings.read',
    summary: 'Get a role binding',
    description: 'One role binding.',
    returns: roleBindingResponse,
  })
  async getRoleBinding(@Param('id', { schema: id }) bindingId: string): Promise<RoleBindingResponse> {
    return toRoleBindingResponse(await this.bindings.get(bindingId));
  }

  @Delete(':id')
  @Endpoint({
    permission: 'roleBindings.manage',
    summary: 'Take a role away',
    description: 'Counts at once.',
  })
  async deleteRoleBinding(
    @Param('id', { schema: id }) bindingId: string,
    @IfMatch() seen: Precondition,
  ): Promise<void> {
    return this.bindings.delete(bindingId, seen);
  }
}
