import type { Database } from '../../src/database/database.js';
import { SubpackageStore } from '../../src/content/subpackage.store.js';
import { Outbox } from '../../src/jobs/outbox.js';
import { Metrics } from '../../src/logging/metrics.js';
import { Packages } from '../../src/revisions/packages.js';
import { RevisionWriter } from '../../src/revisions/revision-writer.js';
import { Targets } from '../../src/revisions/targets.js';
import { UpstreamStore } from '../../src/revisions/upstreams/upstream.store.js';
import { Upstreams } from '../../src/revisions/upstreams/upstreams.js';
import { driftOn } from './drift.js';
import { eventsOn } from './events.js';
import { SilentDoorbell } from './silent-doorbell.js';

/** The writer of what packages were made from, on a database. */
export function upstreamsOn(database: Database): Upstreams {
  const { log, operations } = eventsOn(database);
  return new Upstreams(
    database,
    new UpstreamStore(database),
    log,
    new Outbox(database, new SilentDoorbell(), operations),
    new SubpackageStore(database),
  );
}

/** The writers of revisions and packages on a database. */
export const revisionWriterOn = (database: Database): RevisionWriter =>
  new RevisionWriter(database, new Metrics(), eventsOn(database).log, driftOn(database), upstreamsOn(database));

export const packagesOn = (database: Database): Packages =>
  new Packages(
    database,
    eventsOn(database).log,
    driftOn(database),
    upstreamsOn(database),
    new Targets(database, eventsOn(database).log),
  );
