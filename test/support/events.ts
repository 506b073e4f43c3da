import type { Database } from '../../src/database/database.js';
import { EventClock } from '../../src/events/event-clock.js';
import { EventLog } from '../../src/events/event-log.js';
import { EventNumbering } from '../../src/events/event-numbering.js';
import { EventNumberStore } from '../../src/events/event-number.store.js';
import { EventStore } from '../../src/events/event.store.js';
import { OperationEvents } from '../../src/events/operation-events.js';

/** What writes events, for those who are put together by hand. */
export function eventsOn(database: Database): {
  log: EventLog;
  operations: OperationEvents;
  numbering: EventNumbering;
} {
  const numbers = new EventNumberStore(database);
  const numbering = new EventNumbering(numbers, new EventClock(numbers));
  const log = new EventLog(database, new EventStore(database), numbering);
  return { log, operations: new OperationEvents(log), numbering };
}
