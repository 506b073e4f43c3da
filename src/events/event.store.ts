import { Injectable } from '@nestjs/common';
import { toColumns } from '../database/columns.js';
import { Database } from '../database/database.js';
import { type Event, Prisma } from '../database/generated/client.js';
import type { EventData } from './event-data.js';
import type { EventType } from './event-types.js';

/** An event as it is kept. */
export interface EventRow extends Omit<Event, 'sequence' | 'type' | 'data'> {
  sequence: number;
  type: EventType;
  data: EventData;
}

/** An event without its number, and without the time, which is that of its transaction. */
export type PendingEvent = Omit<EventRow, 'sequence' | 'time'>;

/** Of a row `e`. Numbers are times in microseconds, which a double holds until the year 2255. */
export const EVENT_COLUMNS = Prisma.sql`
  e.sequence::float8 AS sequence, e.id, e.type, e.time, e.actor, e.repository_id AS "repositoryId", e.path,
  e.package_revision_id AS "packageRevisionId", e.subject, e.data,
  e.traceparent, e.tracestate`;

@Injectable()
export class EventStore {
  constructor(private readonly database: Database) {}

  /** Adds events in the order in which they are given, each to be numbered once the transaction around it has committed. */
  async append(events: readonly PendingEvent[]): Promise<void> {
    await this.database.write(Prisma.sql`
      INSERT INTO event_pending (id, type, time, actor, repository_id, path, package_revision_id, subject, data,
        traceparent, tracestate)
      SELECT id, type, now(), actor, repository_id, path, package_revision_id, subject, data, traceparent, tracestate
      FROM ROWS FROM (json_populate_recordset(NULL::event, ${JSON.stringify(events.map(toColumns))}::json)) WITH ORDINALITY
      ORDER BY ordinality`);
  }

  /** The next events behind a number, whoever may see them. */
  async behind(sequence: number, limit: number): Promise<EventRow[]> {
    return this.database.readByKey<EventRow>(Prisma.sql`
      SELECT ${EVENT_COLUMNS} FROM event e WHERE e.sequence > ${sequence}::bigint ORDER BY e.sequence LIMIT ${limit}`);
  }
}
