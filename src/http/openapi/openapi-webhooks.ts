import { EVENT_TYPES, type EventType, fullName } from '../../events/event-types.js';
import { reference } from './openapi-shared.js';

/** What every event is sent as. */
export const eventDelivery = {
  description: 'The event, signed by the header `webhook-signature`; `webhook-id` is the same at each attempt.',
  required: true,
  content: { 'application/cloudevents+json': { schema: reference('schemas', 'Event') } },
};

export const deliveryAnswer = { description: 'Taken. All else is tried again.' };

/** What is sent to webhooks: an entry for each type of event. */
export function eventWebhooks(): Record<string, object> {
  const types = Object.entries(EVENT_TYPES) as [EventType, string][];
  return Object.fromEntries(
    types.map(([type, description]) => [
      fullName(type),
      {
        post: {
          operationId: `on${type.split('.').map(capitalized).join('')}`,
          summary: `On ${type}`,
          description,
          tags: ['webhooks'],
          security: [],
          requestBody: reference('requestBodies', 'EventDelivery'),
          responses: { '2XX': reference('responses', 'DeliveryAnswer') },
        },
      },
    ]),
  );
}

const capitalized = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
