import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/database.js';
import { Prisma } from '../../../database/generated/client.js';
import { insertRows } from '../../../database/insert-rows.js';
import type { ItemRow, StoredError } from '../campaign-row.js';
import { ITEM } from '../campaign.sql.js';

/** An item that was being published, and how that has ended. */
export interface EndedItem extends ItemRow {
  /** Of the first of its operations that failed; null: all have succeeded. */
  fault: StoredError | null;
  /** The number that the publication was given. */
  number: string | null;
  /** On the clock of the database, which measures how long it is watched. */
  heardAt: Date;
}

/** How many of the packages that a wave has published are reported how. */
export interface WaveHealth {
  wave: number;
  healthy: number;
  degraded: number;
}

/** How long nobody looks at a campaign that waits for people alone, in seconds, should no bell be heard. */
const LONGEST_S = 3_600;

/** The items behind which an item `i` goes. */
const NEEDED = Prisma.sql`
  SELECT 1 FROM jsonb_to_recordset(i.waits_for) AS x("packageId" uuid, "order" text)
  JOIN campaign_item n ON n.campaign_id = i.campaign_id AND n.package_id = x."packageId" WHERE x."order" = 'ordered'`;

/** The statements by which workers carry campaigns out, each under the campaign's lock. */
@Injectable()
export class RunStore {
  constructor(private readonly database: Database) {}

  /** Those whose operations have all ended. */
  async ended(campaignId: string): Promise<EndedItem[]> {
    return this.database.readByKey<EndedItem>(Prisma.sql`
      SELECT ${ITEM}, o.fault, o.number, now() AS "heardAt" FROM campaign_item i CROSS JOIN LATERAL (
        SELECT (array_agg(coalesce(c.error, ${CANCELLED}::jsonb) ORDER BY c.id)
            FILTER (WHERE c.state IN ('failed', 'cancelled')))[1] AS fault,
          min(c.result ->> 'revision') AS number, bool_or(c.state IN ('queued', 'running')) AS open
        FROM operation c WHERE c.id = ANY(i.operation_ids)) o
      WHERE i.campaign_id = ${campaignId}::uuid AND i.state = 'publishing' AND o.open IS NOT TRUE
      ORDER BY i.position`);
  }

  /** Writes down that they were heard: from then on they may be forgotten. */
  async settle(operationId: string): Promise<void> {
    await this.database.write(Prisma.sql`
      UPDATE operation_item i SET state = c.state::text::"OperationItemState", error = c.error FROM operation c
      WHERE i.operation_id = ${operationId}::uuid AND i.state = 'started' AND c.id = i.started_id
      AND c.state IN ('succeeded', 'failed', 'cancelled')`);
  }

  /** Notes which operations items have led to, so that their ends are heard. */
  async started(operationId: string, items: readonly ItemRow[]): Promise<void> {
    const [row] = await this.database.readByKey<{ next: number }>(Prisma.sql`
      SELECT coalesce(max(position) + 1, 0)::int AS next FROM operation_item WHERE operation_id = ${operationId}::uuid`);
    const started = items.flatMap(({ operationIds, ...item }) =>
      operationIds.map((startedId) => ({ item, startedId })),
    );
    await insertRows(
      this.database,
      'operation_item',
      started.map(({ item: { revisionId, repositoryId, path, draftId }, startedId }, index) => ({
        ...{ operationId, position: (row?.next ?? 0) + index, revisionId, repositoryId, path },
        ...{ draftId, startedId, state: 'started' },
      })),
    );
  }

  /** Those that have been watched for as long as their waves say; `all`: whoever was published. */
  async soaked(campaignId: string, all: boolean): Promise<ItemRow[]> {
    return this.database.readByKey<ItemRow>(Prisma.sql`
      SELECT ${ITEM} FROM campaign_item i
      JOIN campaign_wave w ON w.campaign_id = i.campaign_id AND w.position = i.wave
      WHERE i.campaign_id = ${campaignId}::uuid AND i.state = 'published' AND (${all}
        OR i.published_at + make_interval(secs => (w.settings ->> 'soakSeconds')::int) <= now())
      ORDER BY i.position`);
  }

  /** When the first and when the last of the items that are watched will have been watched long enough; null: none is watched. */
  async watchedUntil(campaignId: string): Promise<{ first: Date | null; last: Date | null }> {
    const [row] = await this.database.readByKey<{ first: Date | null; last: Date | null }>(Prisma.sql`
      SELECT min(x.until) AS first, max(x.until) AS last FROM (
        SELECT i.published_at + make_interval(secs => (w.settings ->> 'soakSeconds')::int) AS until
        FROM campaign_item i JOIN campaign_wave w ON w.campaign_id = i.campaign_id AND w.position = i.wave
        WHERE i.campaign_id = ${campaignId}::uuid AND i.state = 'published') x`);
    return row ?? { first: null, last: null };
  }

  /** Items that wait for one that did not end well. */
  async withoutNeeded(campaignId: string): Promise<ItemRow[]> {
    return this.database.readByKey<ItemRow>(Prisma.sql`
      SELECT ${ITEM} FROM campaign_item i WHERE i.campaign_id = ${campaignId}::uuid AND i.state = 'planned'
      AND EXISTS (${NEEDED} AND n.state IN ('failed', 'skipped', 'setAside')) ORDER BY i.position`);
  }

  /** The next items of this wave, or left of those before, that wait to be begun, and for no other item. */
  async next(campaignId: string, wave: number, limit: number): Promise<ItemRow[]> {
    return this.database.readByKey<ItemRow>(Prisma.sql`
      SELECT ${ITEM} FROM campaign_item i
      WHERE i.campaign_id = ${campaignId}::uuid AND i.state = 'planned' AND i.wave <= ${wave}
      AND NOT EXISTS (${NEEDED} AND n.state <> 'done')
      ORDER BY i.position LIMIT ${limit}`);
  }

  async inStates(campaignId: string, states: readonly ItemRow['state'][], wave: number | null): Promise<ItemRow[]> {
    return this.database.readByKey<ItemRow>(Prisma.sql`
      SELECT ${ITEM} FROM campaign_item i WHERE i.campaign_id = ${campaignId}::uuid
      AND i.state = ANY(${[...states]}::text[]) AND (${wave}::int IS NULL OR i.wave = ${wave}::int) ORDER BY i.position`);
  }

  /** The campaigns of which an item waits with this draft. */
  async waitingWith(draftId: string): Promise<string[]> {
    const rows = await this.database.readByKey<{ id: string }>(Prisma.sql`
      SELECT DISTINCT i.campaign_id AS id FROM campaign_item i
      WHERE i.draft_id = ${draftId}::uuid AND i.state = 'proposed'`);
    return rows.map(({ id }) => id);
  }

  /** The campaigns under way that have published this package. */
  async watching(packageId: string): Promise<string[]> {
    const rows = await this.database.readByKey<{ id: string }>(Prisma.sql`
      SELECT DISTINCT c.id FROM campaign_item i JOIN campaign c ON c.id = i.campaign_id
      WHERE i.package_id = ${packageId}::uuid AND i.state IN ('published', 'done') AND c.state = 'running'`);
    return rows.map(({ id }) => id);
  }

  /** What is reported of that which each wave has published, of the very content; of a newer publication counts that it is healthy. */
  async health(campaignId: string): Promise<WaveHealth[]> {
    return this.database.readByKey<WaveHealth>(Prisma.sql`
      SELECT i.wave, count(*) FILTER (WHERE d.health = 'healthy' AND d.state = 'delivered')::int AS healthy,
        count(*) FILTER (WHERE r.id = o.id AND (d.health = 'degraded' OR d.state = 'failed'))::int AS degraded
      FROM campaign_item i JOIN package_revision o ON o.id = i.draft_id JOIN package_delivery d ON d.package_id = i.package_id
        JOIN package_revision r ON r.id = d.revision_id AND (r.id = o.id OR r.published_at > o.published_at)
      WHERE i.campaign_id = ${campaignId}::uuid AND i.state IN ('published', 'done') GROUP BY i.wave`);
  }

  /** Nobody looks at the operation until then, unless something ends or the bell is rung. */
  async park(operationId: string, until: Date | null, waitingFor: string): Promise<void> {
    await this.database.write(Prisma.sql`
      UPDATE operation SET waiting_for = ${waitingFor}, attempts = 0,
        next_attempt_at = coalesce(${until}::timestamptz, now() + make_interval(secs => ${LONGEST_S}))
      WHERE id = ${operationId}::uuid AND state = 'running'`);
  }

  async wake(operationId: string): Promise<void> {
    await this.database.write(
      Prisma.sql`UPDATE operation SET next_attempt_at = NULL WHERE id = ${operationId}::uuid AND state IN ('queued', 'running')`,
    );
  }
}

const CANCELLED = JSON.stringify({ code: 'cancelled', detail: 'Its publication was cancelled.', data: {} });
