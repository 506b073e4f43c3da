import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import type { Precondition } from '../../domain/precondition.js';
import { Actor } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { IfMatch } from '../../http/if-match.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import {
  type CredentialCreateRequest,
  credentialCreateRequest,
  credentialPage,
  type CredentialPatchRequest,
  credentialPatchRequest,
  type CredentialQuery,
  credentialQuery,
  type CredentialResponse,
  credentialResponse,
} from './credential.schema.js';
import { CredentialService } from './credential.service.js';
import { toCredentialResponse } from './credential.view.js';

const id = pathId('credential');

@Tag('credentials')
@Controller('api/v1/credentials')
export class CredentialController {
  constructor(private readonly credentials: CredentialService) {}

  @Post()
  @Endpoint({
    permission: 'credentials.manage',
    summary: 'Create a credential',
    description: 'Stores a secret for signing in at Git hosts, sealed. It is never given back.',
    returns: credentialResponse,
    created: true,
    problems: ['alreadyExists'],
  })
  async createCredential(
    @Body({ schema: credentialCreateRequest }) body: CredentialCreateRequest,
    @Actor() actor: string,
  ): Promise<CredentialResponse> {
    return toCredentialResponse(await this.credentials.create(body, actor));
  }

  @Get()
  @Endpoint({
    permission: 'credentials.read',
    summary: 'List credentials',
    description: 'Credentials that match all filters, by name, without their secrets.',
    returns: credentialPage,
  })
  async listCredentials(@Query({ schema: credentialQuery }) query: CredentialQuery): Promise<Page<CredentialResponse>> {
    return listPage(query, 'credentials', (filter, part) => this.credentials.list(filter, part), toCredentialResponse);
  }

  @Get(':id')
  @Endpoint({
    permission: 'credentials.read',
    summary: 'Get a credential',
    description: 'One credential, without its secret.',
    returns: credentialResponse,
  })
  async getCredential(@Param('id', { schema: id }) credentialId: string): Promise<CredentialResponse> {
    return toCredentialResponse(await this.credentials.get(credentialId));
  }

  @Patch(':id')
  @Endpoint({
    permission: 'credentials.manage',
    summary: 'Update a credential',
    description:
      'Changes the name, the description, the hosts or fields of its type. The next visit to a remote uses the new secret.',
    returns: credentialResponse,
    problems: ['alreadyExists', 'immutableField', 'inUse'],
  })
  async updateCredential(
    @Param('id', { schema: id }) credentialId: string,
    @Body({ schema: credentialPatchRequest }) body: CredentialPatchRequest,
    @IfMatch() seen: Precondition,
    @Actor() actor: string,
  ): Promise<CredentialResponse> {
    return toCredentialResponse(await this.credentials.update(credentialId, body, seen, actor));
  }

  @Delete(':id')
  @Endpoint({
    permission: 'credentials.manage',
    summary: 'Delete a credential',
    description: 'Forgets a credential that no repository uses.',
    problems: ['inUse'],
  })
  async deleteCredential(
    @Param('id', { schema: id }) credentialId: string,
    @IfMatch() seen: Precondition,
  ): Promise<void> {
    return this.credentials.delete(credentialId, seen);
  }
}
