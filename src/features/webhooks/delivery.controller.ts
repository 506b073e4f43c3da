import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import { DeliveryService } from './delivery.service.js';
import {
  deliveryPage,
  type DeliveryQuery,
  deliveryQuery,
  type DeliveryResponse,
  deliveryResponse,
} from './webhook.schema.js';
import { toDeliveryResponse } from './webhook.view.js';

const id = pathId('webhook');

@Tag('webhooks')
@Controller('api/v1/webhooks/:id/deliveries')
export class DeliveryController {
  constructor(private readonly deliveries: DeliveryService) {}

  @Get()
  @Endpoint({
    permission: 'webhooks.read',
    summary: 'List the deliveries of a webhook',
    description: 'The newest first; those of events that you may see.',
    returns: deliveryPage,
  })
  async listWebhookDeliveries(
    @Param('id', { schema: id }) webhookId: string,
    @Query({ schema: deliveryQuery }) query: DeliveryQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<DeliveryResponse>> {
    const find = (
      filter: Omit<DeliveryQuery, 'pageSize' | 'cursor' | 'sort'>,
      part: Parameters<typeof this.deliveries.list>[3],
    ) => this.deliveries.list(webhookId, filter, caller, part);
    return listPage(query, `webhooks/${webhookId}/deliveries`, find, toDeliveryResponse);
  }

  @Post(':deliveryId/redeliver')
  @Endpoint({
    permission: 'webhooks.manage',
    summary: 'Deliver again',
    description:
      'Sends the same event once more, at once, whatever became of it; its owner still has to be allowed to see it.',
    returns: deliveryResponse,
    problems: ['stateConflict'],
  })
  async redeliverWebhook(
    @Param('id', { schema: id }) webhookId: string,
    @Param('deliveryId', { schema: pathId('delivery') }) deliveryId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<DeliveryResponse> {
    return toDeliveryResponse(await this.deliveries.redeliver(webhookId, deliveryId, caller));
  }
}
