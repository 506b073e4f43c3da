import { Injectable } from '@nestjs/common';
import { toColumns } from '../database/columns.js';
import { Database } from '../database/database.js';
import { Prisma, type WebhookDelivery, type WebhookSecret } from '../database/generated/client.js';
import { labelSelectorSql } from '../database/label-selector.sql.js';
import { parseLabelSelector } from '../domain/label-selector.js';
import type { Lease } from '../jobs/lease.js';
import type { DisabledReason } from '../events/event-data.js';
import type { DueDelivery, ToldWebhook } from './webhook-row.js';

const WEBHOOK = Prisma.sql`
  SELECT w.id, w.name, w.url, w.types, w.repository_id AS "repositoryId", w.path, w.label_selector AS "labelSelector",
    w.owner, w.owner_groups AS "ownerGroups", w.failing_since AS "failingSince", w.since::float8 AS since
  FROM webhook w WHERE w.enabled`;

const DELIVERY = Prisma.sql`
  SELECT d.id, d.event_id AS "eventId", d.type, d.repository_id AS "repositoryId", d.path, d.subject, d.body,
    d.traceparent, d.tracestate, d.attempts
  FROM webhook_delivery d`;

/** Those never tried, in the order of their events; and those that failed, once their pause is over. */
const IS_NEW = Prisma.sql`d.state = 'waiting' AND d.next_attempt_at IS NULL`;
const IS_DUE_AGAIN = Prisma.sql`d.state = 'waiting' AND d.next_attempt_at IS NOT NULL AND d.next_attempt_at <= now()`;

/** A delivery as it is made of an event; what is left out is null. */
export type NewDelivery = Pick<
  WebhookDelivery,
  'id' | 'webhookId' | 'eventId' | 'type' | 'repositoryId' | 'path' | 'subject' | 'body' | 'traceparent' | 'tracestate'
> & { sequence: number };

/** What has become of an attempt. `pause`: seconds until the next one. */
export interface Outcome {
  state: WebhookDelivery['state'];
  status: number | null;
  answer: string | null;
  error: string | null;
  pause: number | null;
}

/** Where the package lies that an event is about; null in both: it is about none. */
export type EventPlace = Pick<WebhookDelivery, 'repositoryId' | 'path'>;

/** Nothing but failures for so long disables a webhook. */
const FAILING = Prisma.sql`interval '5 days'`;

export const IS_ANYBODY_TOLD = Prisma.sql`EXISTS (SELECT 1 FROM webhook WHERE enabled)`;

/** The statements by which events become deliveries, and deliveries are carried out. */
@Injectable()
export class WebhookStore {
  constructor(private readonly database: Database) {}

  async enabled(): Promise<ToldWebhook[]> {
    return this.database.readByKey<ToldWebhook>(WEBHOOK);
  }

  /** The packages there whose labels meet a selector now. */
  async selectPackages(selector: string, places: readonly EventPlace[]): Promise<EventPlace[]> {
    const repositoryIds = places.map(({ repositoryId }) => repositoryId);
    const paths = places.map(({ path }) => path);
    return this.database.readByKey<EventPlace>(Prisma.sql`
      SELECT p.repository_id AS "repositoryId", p.path FROM package p JOIN (
        SELECT DISTINCT * FROM unnest(${repositoryIds}::uuid[], ${paths}::text[]) AS place (repository_id, path)) n
      ON n.repository_id = p.repository_id AND n.path = p.path
      WHERE ${labelSelectorSql(Prisma.sql`p.labels`, parseLabelSelector(selector))}`);
  }

  async findEnabled(id: string): Promise<ToldWebhook | null> {
    const [row] = await this.database.readByKey<ToldWebhook>(Prisma.sql`${WEBHOOK} AND w.id = ${id}::uuid`);
    return row ?? null;
  }

  /** The secrets that sign now, the present one first. */
  async secretsOf(webhookId: string): Promise<Pick<WebhookSecret, 'id' | 'sealed'>[]> {
    return this.database.readByKey(Prisma.sql`
      SELECT id, sealed FROM webhook_secret WHERE webhook_id = ${webhookId}::uuid
      AND (signs_until IS NULL OR signs_until > now()) ORDER BY signs_until DESC NULLS FIRST`);
  }

  /** Leaves out those of webhooks that are gone meanwhile. */
  async addDeliveries(deliveries: readonly NewDelivery[]): Promise<void> {
    const rows = deliveries.map((delivery) => ({ ...toColumns(delivery), state: 'waiting', attempts: 0 }));
    await this.database.write(Prisma.sql`
      INSERT INTO webhook_delivery (id, webhook_id, sequence, event_id, type, repository_id, path, subject, body, traceparent, tracestate, state, attempts, created_at)
      SELECT r.id, r.webhook_id, r.sequence, r.event_id, r.type, r.repository_id, r.path, r.subject, r.body, r.traceparent, r.tracestate, r.state, r.attempts, now()
      FROM json_populate_recordset(NULL::webhook_delivery, ${JSON.stringify(rows)}::json) r
      JOIN (SELECT id FROM webhook FOR KEY SHARE) w ON w.id = r.webhook_id
      ON CONFLICT DO NOTHING`);
  }

  /** The webhooks with deliveries to carry out that no worker is at, in any order. */
  async due(limit: number): Promise<string[]> {
    const rows = await this.database.readByKey<{ id: string }>(Prisma.sql`
      SELECT w.id ${DUE} ORDER BY random() LIMIT ${limit}`);
    return rows.map(({ id }) => id);
  }

  async hasDue(webhookId: string): Promise<boolean> {
    const rows = await this.database.readByKey(Prisma.sql`
      SELECT 1 FROM webhook w WHERE w.id = ${webhookId}::uuid AND w.enabled AND ${hasDue(Prisma.sql`w.id`)}`);
    return rows.length > 0;
  }

  /** So many of each sort at most: neither those that fail nor new ones hold the others up. */
  async dueDeliveries(webhookId: string, limit: number): Promise<DueDelivery[]> {
    const own = Prisma.sql`${DELIVERY} WHERE d.webhook_id = ${webhookId}::uuid`;
    return this.database.readByKey<DueDelivery>(Prisma.sql`
      (${own} AND ${IS_NEW} ORDER BY d.sequence LIMIT ${limit}) UNION ALL
      (${own} AND ${IS_DUE_AGAIN} ORDER BY d.next_attempt_at, d.sequence LIMIT ${limit})`);
  }

  /** Puts off what is due and cannot be tried now, and says why; that is no attempt. */
  async putOff(webhookId: string, reason: string, seconds: number, lease: Lease): Promise<void> {
    await this.database.write(Prisma.sql`
      UPDATE webhook_delivery d SET error = ${reason}, next_attempt_at = now() + make_interval(secs => ${seconds}::float8)
      WHERE d.webhook_id = ${webhookId}::uuid AND (${IS_NEW} OR ${IS_DUE_AGAIN}) AND ${lease.held}`);
  }

  /** Notes what has become of an attempt, while the lease holds. False where that was lost, or the delivery is gone. */
  async note(id: string, { state, status, answer, error, pause }: Outcome, lease: Lease): Promise<boolean> {
    const count = await this.database.write(Prisma.sql`
      UPDATE webhook_delivery SET state = ${state}::"WebhookDeliveryState", attempts = attempts + ${state === 'skipped' ? 0 : 1},
        status = ${status}::int, answer = ${answer}, error = ${error}, next_attempt_at = now() + make_interval(secs => ${pause}::float8),
        last_attempt_at = CASE WHEN ${state === 'skipped'} THEN last_attempt_at ELSE now() END,
        ended_at = CASE WHEN ${state === 'waiting'} THEN NULL ELSE now() END
      WHERE id = ${id}::uuid AND state = 'waiting' AND ${lease.held}`);
    return count > 0;
  }

  /** Locks the row until the transaction ends. False where the webhook is gone. */
  async lock(webhookId: string): Promise<boolean> {
    const rows = await this.database.client.$queryRaw<unknown[]>`
      SELECT 1 AS found FROM webhook WHERE id = ${webhookId}::uuid FOR NO KEY UPDATE`;
    return rows.length > 0;
  }

  async noteSuccess(webhookId: string): Promise<void> {
    await this.database.write(Prisma.sql`
      UPDATE webhook SET failing_since = NULL WHERE id = ${webhookId}::uuid AND failing_since IS NOT NULL`);
  }

  /** Whether it has now failed for so long that nobody is there any more. */
  async noteFailure(webhookId: string): Promise<boolean> {
    const [row] = await this.database.client.$queryRaw<{ isLost: boolean }[]>`
      UPDATE webhook SET failing_since = coalesce(failing_since, now()) WHERE id = ${webhookId}::uuid
      RETURNING failing_since <= now() - ${FAILING} AS "isLost"`;
    return row?.isLost ?? false;
  }

  /** False where it is already. */
  async disable(id: string, reason: DisabledReason): Promise<boolean> {
    const count = await this.database.write(Prisma.sql`
      UPDATE webhook SET enabled = false, disabled_reason = ${reason}, updated_at = now() WHERE id = ${id}::uuid AND enabled`);
    return count > 0;
  }
}

const hasDue = (webhookId: Prisma.Sql): Prisma.Sql => Prisma.sql`(
  EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.webhook_id = ${webhookId} AND ${IS_NEW})
  OR EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.webhook_id = ${webhookId} AND ${IS_DUE_AGAIN}))`;

const DUE = Prisma.sql`FROM webhook w WHERE w.enabled AND ${hasDue(Prisma.sql`w.id`)}
  AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.scope_id = w.id AND l.expires_at > now())`;

/** Whether {@link WebhookStore.due} gives any. */
export const IS_ANY_DUE = Prisma.sql`EXISTS (SELECT 1 ${DUE})`;
