import type { Database } from '../../src/database/database.js';
import { DriftLog } from '../../src/revisions/drift/drift-log.js';
import { DriftStore } from '../../src/revisions/drift/drift.store.js';
import { eventsOn } from './events.js';

/** The writer of drift on a database. */
export const driftOn = (database: Database): DriftLog =>
  new DriftLog(database, new DriftStore(database), eventsOn(database).log);
