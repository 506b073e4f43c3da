import { Injectable } from '@nestjs/common';
import { selectFields } from '../../database/columns.js';
import { Database } from '../../database/database.js';
import { Prisma, type WebhookDelivery } from '../../database/generated/client.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import type { EventSight } from '../../events/event-sight.js';
import { seenSql } from '../../events/event-sight.sql.js';
import type { EventType } from '../../events/event-types.js';
import { DELIVERY_SORTS, type DeliveryFilter, deliveryConditions } from './delivery.filter.js';

/** A delivery as its readers see it. */
export interface DeliveryRow extends Omit<
  WebhookDelivery,
  'body' | 'sequence' | 'type' | 'traceparent' | 'tracestate'
> {
  sequence: number;
  type: EventType;
}

const FIELDS = Object.values(Prisma.WebhookDeliveryScalarFieldEnum).filter(
  (field) => !['body', 'sequence', 'state', 'traceparent', 'tracestate'].includes(field),
);
const SELECT = Prisma.sql`
  SELECT ${selectFields(FIELDS, 'e')}, e.sequence::float8 AS sequence, e.state::text AS state FROM webhook_delivery e`;

/** The log of deliveries: of each webhook those of events that the reader may see. */
@Injectable()
export class DeliveryStore {
  constructor(private readonly database: Database) {}

  /** The newest first unless asked for otherwise. */
  async list(webhookId: string, filter: DeliveryFilter, sight: EventSight, part: Part): Promise<Rows<DeliveryRow>> {
    const sort = sortOf(DELIVERY_SORTS, part.sort ?? '-sequence');
    const conditions = [...ownSql(webhookId, sight), ...deliveryConditions(filter)];
    const found = await this.database.read<DeliveryRow>(Prisma.sql`${SELECT} ${partSql(sort, conditions, part)}`);
    return rowsOf(sort, found, part);
  }

  async find(webhookId: string, id: string, sight: EventSight): Promise<DeliveryRow | null> {
    const conditions = [...ownSql(webhookId, sight), Prisma.sql`e.id = ${id}::uuid`];
    const [row] = await this.database.read<DeliveryRow>(
      Prisma.sql`${SELECT} WHERE ${Prisma.join(conditions, ' AND ')} FOR UPDATE`,
    );
    return row ?? null;
  }

  /** Due at once; one that had ended has all of its attempts again. */
  async makeDue(id: string): Promise<void> {
    await this.database.write(Prisma.sql`
      UPDATE webhook_delivery SET attempts = CASE WHEN state = 'waiting' THEN attempts ELSE 0 END, state = 'waiting',
        next_attempt_at = now(), ended_at = NULL WHERE id = ${id}::uuid`);
  }
}

const ownSql = (webhookId: string, sight: EventSight): Prisma.Sql[] => [
  Prisma.sql`e.webhook_id = ${webhookId}::uuid`,
  ...[seenSql(sight) ?? []].flat(),
];
