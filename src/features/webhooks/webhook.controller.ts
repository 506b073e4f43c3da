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
  type IssuedWebhookResponse,
  issuedWebhookResponse,
  type TestedResponse,
  testedResponse,
  type WebhookCreateRequest,
  webhookCreateRequest,
  webhookPage,
  type WebhookPatchRequest,
  webhookPatchRequest,
  type WebhookQuery,
  webhookQuery,
  type WebhookResponse,
  webhookResponse,
} from './webhook.schema.js';
import { type IssuedWebhook, WebhookService } from './webhook.service.js';
import { toWebhookResponse } from './webhook.view.js';

const id = pathId('webhook');
const shown = ({ row, secret }: IssuedWebhook): IssuedWebhookResponse => ({ ...toWebhookResponse(row), secret });

@Tag('webhooks')
@Controller('api/v1/webhooks')
export class WebhookController {
  constructor(private readonly webhooks: WebhookService) {}

  @Post()
  @Endpoint({
    permission: 'webhooks.manage',
    summary: 'Create a webhook',
    description: 'Has events sent to a URL. You need the permission, and to read what is told, where its filter says.',
    returns: issuedWebhookResponse,
    created: true,
    shownOnce: 'secret',
    problems: ['invalidUrl', 'hostRefused', 'stateConflict'],
  })
  async createWebhook(
    @Body({ schema: webhookCreateRequest }) body: WebhookCreateRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<IssuedWebhookResponse> {
    return shown(await this.webhooks.create(body, caller));
  }

  @Get()
  @Endpoint({
    permission: 'webhooks.read',
    summary: 'List webhooks',
    description: 'Webhooks that match all filters, by name.',
    returns: webhookPage,
  })
  async listWebhooks(
    @Query({ schema: webhookQuery }) query: WebhookQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<WebhookResponse>> {
    return listPage(query, 'webhooks', (filter, part) => this.webhooks.list(filter, caller, part), toWebhookResponse);
  }

  @Get(':id')
  @Endpoint({
    permission: 'webhooks.read',
    summary: 'Get a webhook',
    description: 'One webhook, without its secret.',
    returns: webhookResponse,
  })
  async getWebhook(@Param('id', { schema: id }) webhookId: string): Promise<WebhookResponse> {
    return toWebhookResponse(await this.webhooks.get(webhookId));
  }

  @Patch(':id')
  @Endpoint({
    permission: 'webhooks.manage',
    summary: 'Update a webhook',
    description: 'Makes you its owner. Once enabled again it is told of what happens from then on.',
    returns: webhookResponse,
    problems: ['invalidUrl', 'hostRefused', 'stateConflict'],
  })
  async updateWebhook(
    @Param('id', { schema: id }) webhookId: string,
    @Body({ schema: webhookPatchRequest }) body: WebhookPatchRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<WebhookResponse> {
    return toWebhookResponse(await this.webhooks.update(webhookId, body, caller, seen));
  }

  @Post(':id/rotate-secret')
  @Endpoint({
    permission: 'webhooks.manage',
    summary: 'Give a webhook another secret',
    description: 'Makes you its owner. For 24 hours deliveries are signed with the old secret as well.',
    returns: issuedWebhookResponse,
    shownOnce: 'secret',
    problems: ['stateConflict'],
  })
  async rotateWebhookSecret(
    @Param('id', { schema: id }) webhookId: string,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<IssuedWebhookResponse> {
    return shown(await this.webhooks.rotateSecret(webhookId, caller, seen));
  }

  @Post(':id/test')
  @Endpoint({
    permission: 'webhooks.manage',
    summary: 'Test a webhook',
    description: 'Sends it an event `webhook.tested`, whatever its types and its filter.',
    returns: testedResponse,
    problems: ['stateConflict'],
  })
  async testWebhook(@Param('id', { schema: id }) webhookId: string): Promise<TestedResponse> {
    return { eventId: await this.webhooks.test(webhookId) };
  }

  @Delete(':id')
  @Endpoint({
    permission: 'webhooks.manage',
    summary: 'Delete a webhook',
    description: 'Nothing more is sent, and its deliveries are forgotten.',
  })
  async deleteWebhook(@Param('id', { schema: id }) webhookId: string, @IfMatch() seen: Precondition): Promise<void> {
    return this.webhooks.delete(webhookId, seen);
  }
}
