import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import { EVENT_COLUMNS, type EventRow } from '../../events/event.store.js';
import { EVENT_SORTS, type EventFilter, eventConditions } from './event.filter.js';
import type { EventSight } from '../../events/event-sight.js';
import { seenSql } from '../../events/event-sight.sql.js';

/** Lists the events that somebody may see. */
@Injectable()
export class EventListStore {
  constructor(private readonly database: Database) {}

  /** The oldest first unless asked for otherwise. */
  async list(filter: EventFilter, sight: EventSight, part: Part): Promise<Rows<EventRow>> {
    const sort = sortOf(EVENT_SORTS, part.sort ?? 'sequence');
    const conditions = [...eventConditions(filter), ...[seenSql(sight) ?? []].flat()];
    const found = await this.database.read<EventRow>(
      Prisma.sql`SELECT ${EVENT_COLUMNS} FROM event e ${partSql(sort, conditions, part)}`,
    );
    return rowsOf(sort, found, part);
  }
}
