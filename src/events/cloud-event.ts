import { isoTime } from '../domain/iso-time.js';
import type { EventData } from './event-data.js';
import type { EventRow } from './event.store.js';
import { type EventNoun, fullName, nounOf } from './event-types.js';

const COLLECTIONS: Readonly<Record<EventNoun, string>> = {
  repository: 'repositories',
  package: 'packages',
  target: 'targets',
  variant: 'variants',
  campaign: 'campaigns',
  packageRevision: 'package-revisions',
  drift: 'drift',
  operation: 'operations',
  webhook: 'webhooks',
};

/** An event as callers and webhooks are told of it. */
export interface CloudEvent {
  specversion: '1.0';
  id: string;
  source: '/api/v1';
  type: string;
  subject: string;
  time: string;
  datacontenttype: 'application/json';
  sequence: string;
  actor: string | null;
  data: EventData;
}

export const toCloudEvent = (event: EventRow): CloudEvent => ({
  specversion: '1.0',
  id: event.id,
  source: '/api/v1',
  type: fullName(event.type),
  subject: `${COLLECTIONS[nounOf(event.type)]}/${event.subject}`,
  time: isoTime(event.time),
  datacontenttype: 'application/json',
  sequence: String(event.sequence),
  actor: event.actor,
  data: event.data,
});
