import { scopeOf } from '../../access/scope.store.js';
import { DeliveryController } from './delivery.controller.js';
import { DeliveryService } from './delivery.service.js';
import { DeliveryStore } from './delivery.store.js';
import { WebhookController } from './webhook.controller.js';
import { WebhookService } from './webhook.service.js';
import { WebhookListStore } from './webhook-list.store.js';

export const webhookControllers = [WebhookController, DeliveryController];

export const webhookProviders = [
  WebhookListStore,
  DeliveryStore,
  WebhookService,
  DeliveryService,
  scopeOf({
    collection: 'webhooks',
    noun: 'webhook',
    read: 'webhooks.read',
    table: 'webhook',
    repositoryId: 'repository_id',
    path: 'path',
  }),
];
