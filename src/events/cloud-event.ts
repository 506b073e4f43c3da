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
  /** A URL, or the path of one: behind it and a slash, `subject` makes the URL of what the event is about. */
  source: string;
  type: string;
  subject: string;
  time: string;
  datacontenttype: 'application/json';
  sequence: string;
  actor: string | null;
  data: EventData;
}

/** The `source` of events for those who see the service there; `''` where nobody has said where it is. */
export const eventSource = (base: string): string => `${base}/api/v1`;

export const toCloudEvent = (event: EventRow, source: string): CloudEvent => ({
  specversion: '1.0',
  id: event.id,
  source,
  type: fullName(event.type),
  subject: `${COLLECTIONS[nounOf(event.type)]}/${event.subject}`,
  time: isoTime(event.time),
  datacontenttype: 'application/json',
  sequence: String(event.sequence),
  actor: event.actor,
  data: event.data,
});
