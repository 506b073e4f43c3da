import { Disabling } from './disabling.js';
import { Distributor } from './distributor.js';
import { OwnerRights } from './owner-rights.js';
import { Sender } from './sender.js';
import { WantedEvents } from './wanted-events.js';
import { WebhookRunner } from './webhook-runner.js';
import { WebhookStore } from './webhook.store.js';

/** In worker processes, beside `workerProviders`. */
export const webhooksProviders = [
  WebhookStore,
  WantedEvents,
  OwnerRights,
  Disabling,
  Distributor,
  Sender,
  WebhookRunner,
];
