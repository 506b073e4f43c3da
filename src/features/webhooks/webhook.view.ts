import { etagOf } from '../../domain/etag.js';
import { isoTime } from '../../domain/iso-time.js';
import { fullName } from '../../events/event-types.js';
import type { DeliveryRow } from './delivery.store.js';
import type { DeliveryResponse, WebhookResponse } from './webhook.schema.js';
import type { WebhookRow } from './webhook-list.store.js';

/** A webhook as callers see it; its secrets stay here. What becomes of deliveries changes nothing that somebody has read to change it. */
export function toWebhookResponse(row: WebhookRow): WebhookResponse {
  const { id, name, url, types, repositoryId, path, labelSelector, description, enabled, disabledReason } = row;
  const { owner, failingSince, createdAt, createdBy, updatedAt } = row;
  return {
    ...{ id, name, url, types: types.map(fullName), filter: { repositoryId, path, labelSelector }, description },
    ...{ enabled, disabledReason, failingSince: failingSince && isoTime(failingSince), owner },
    ...{ createdAt: isoTime(createdAt), createdBy, updatedAt: isoTime(updatedAt) },
    etag: etagOf([id, enabled, isoTime(updatedAt)]),
  };
}

export function toDeliveryResponse(row: DeliveryRow): DeliveryResponse {
  const { id, eventId, sequence, type, state, attempts, status, answer, error } = row;
  const { createdAt, lastAttemptAt, nextAttemptAt, endedAt } = row;
  return {
    ...{ id, eventId, sequence: String(sequence), type: fullName(type), state, attempts, status, answer, error },
    createdAt: isoTime(createdAt),
    lastAttemptAt: lastAttemptAt && isoTime(lastAttemptAt),
    nextAttemptAt: nextAttemptAt && isoTime(nextAttemptAt),
    endedAt: endedAt && isoTime(endedAt),
  };
}
