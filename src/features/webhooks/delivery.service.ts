import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { found } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import { sightOf } from '../../events/event-sight.js';
import { Outbox } from '../../jobs/outbox.js';
import { webhookScope } from '../../jobs/work-scope.js';
import type { DeliveryFilter } from './delivery.filter.js';
import { type DeliveryRow, DeliveryStore } from './delivery.store.js';
import { WebhookListStore } from './webhook-list.store.js';
import { assertEnabled, noteUnchanged } from './webhook.service.js';

/** What has become of what was sent, and sending it again. */
@Injectable()
export class DeliveryService {
  constructor(
    private readonly webhooks: WebhookListStore,
    private readonly store: DeliveryStore,
    private readonly outbox: Outbox,
  ) {}

  async list(webhookId: string, filter: DeliveryFilter, caller: Caller, part: Part): Promise<Rows<DeliveryRow>> {
    found(await this.webhooks.find(webhookId), 'webhook', webhookId);
    return this.store.list(webhookId, filter, sightOf(caller), part);
  }

  async redeliver(webhookId: string, id: string, caller: Caller): Promise<DeliveryRow> {
    const webhook = found(await this.webhooks.lock(webhookId), 'webhook', webhookId);
    const sight = sightOf(caller);
    found(await this.store.find(webhookId, id, sight), 'delivery', id);
    assertEnabled(webhook);
    noteUnchanged(webhook);
    await this.store.makeDue(id);
    await this.outbox.ring(webhookScope(webhookId));
    return found(await this.store.find(webhookId, id, sight), 'delivery', id);
  }
}
