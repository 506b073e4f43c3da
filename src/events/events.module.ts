import { EventClock } from './event-clock.js';
import { EventFeed } from './event-feed.js';
import { EventFollowers } from './event-follower.js';
import { EventLog } from './event-log.js';
import { EventNumberStore } from './event-number.store.js';
import { EventNumbering } from './event-numbering.js';
import { EventStore } from './event.store.js';
import { OperationEvents } from './operation-events.js';

/** Events are written, numbered and followed in every process. */
export const eventsProviders = [
  EventNumberStore,
  EventClock,
  EventNumbering,
  EventLog,
  OperationEvents,
  EventStore,
  EventFeed,
  EventFollowers,
];
