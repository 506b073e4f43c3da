import type { Webhook, WebhookDelivery } from '../database/generated/client.js';
import type { EventRow } from '../events/event.store.js';
import type { EventType } from '../events/event-types.js';

/** A webhook as workers read it. */
export interface ToldWebhook extends Pick<
  Webhook,
  'id' | 'name' | 'url' | 'repositoryId' | 'path' | 'labelSelector' | 'owner' | 'ownerGroups' | 'failingSince'
> {
  types: EventType[];
  since: number;
}

/** A delivery that is to be tried. */
export interface DueDelivery extends Pick<
  WebhookDelivery,
  'id' | 'eventId' | 'repositoryId' | 'path' | 'subject' | 'body' | 'traceparent' | 'tracestate' | 'attempts'
> {
  type: EventType;
}

/** Whether a webhook is there for an event, but for its label selector. A test is for the webhook that is tested. */
export function isFor({ id, since, types, repositoryId, path }: ToldWebhook, event: EventRow): boolean {
  if (event.sequence <= since) return false;
  if (event.type === 'webhook.tested') return event.subject === id;
  return (
    (types.length === 0 || types.includes(event.type)) &&
    (repositoryId === null || repositoryId === event.repositoryId) &&
    (path === null || path === event.path)
  );
}
