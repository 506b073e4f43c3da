import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Config } from '../config/config.js';
import { BlobStore } from '../content/blob-store/blob-store.js';
import { BodyFiller } from '../content/body-filler.js';
import { batchesOf } from '../domain/batches.js';
import {
  DELIVERY_MS,
  ENDED_TOKEN_MS,
  IDEMPOTENCY_KEY_MS,
  SEEN_POSITION_MS,
  UNUSED_CONTENT_MS,
  UPGRADE_PREVIEW_MS,
} from '../domain/retention.js';
import type { InstanceHandler, InstanceWork } from '../jobs/instance/instance-handler.js';
import type { TypedOperation } from '../jobs/typed-operation.js';
import { Metrics } from '../logging/metrics.js';
import { type ContentTable, RetentionStore } from './retention.store.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Rows that a step removes at most; a tree has its files besides. */
const ROWS_PER_STEP = 1_000;
/** Unused content that one run marks at most, of each kind; the next run goes on. */
const MARKED_PER_RUN = 50_000;

/** Removes what is not needed any more, in small steps beside the work; and fills in what the index lacks. */
@Injectable()
export class RetentionHandler implements InstanceHandler<'retention'> {
  readonly payload = z.object({});
  readonly everySeconds: number;
  private readonly operationsMs: number;
  private readonly eventsMs: number;
  private readonly webhookDeliveriesMs: number;

  constructor(
    private readonly store: RetentionStore,
    private readonly bodies: BodyFiller,
    private readonly blobStore: BlobStore,
    private readonly metrics: Metrics,
    config: Config,
  ) {
    this.everySeconds = config.retentionIntervalSeconds;
    this.operationsMs = config.retentionOperationsDays * DAY_MS;
    this.eventsMs = config.retentionEventsDays * DAY_MS;
    this.webhookDeliveriesMs = config.retentionDeliveriesDays * DAY_MS;
  }

  async run(_operation: TypedOperation<'retention'>, work: InstanceWork): Promise<Record<string, unknown>> {
    await this.fillBodies(work);
    const ago = (milliseconds: number): Date => new Date(Date.now() - milliseconds);
    const removed = {
      operations: await this.remove(work, 'operations', (limit) =>
        this.store.removeOperations(ago(this.operationsMs), limit),
      ),
      events: await this.remove(work, 'events', (limit) => this.store.removeEvents(ago(this.eventsMs), limit)),
      idempotencyKeys: await this.remove(work, 'idempotencyKeys', (limit) =>
        this.store.removeIdempotencyKeys(ago(IDEMPOTENCY_KEY_MS), limit),
      ),
      upgradePreviews: await this.remove(work, 'upgradePreviews', (limit) =>
        this.store.removeUpgradePreviews(ago(UPGRADE_PREVIEW_MS), limit),
      ),
      apiTokens: await this.remove(work, 'apiTokens', (limit) =>
        this.store.removeApiTokens(ago(ENDED_TOKEN_MS), limit),
      ),
      seenPositions: await this.remove(work, 'seenPositions', (limit) =>
        this.store.removeSeenPositions(ago(SEEN_POSITION_MS), limit),
      ),
      deliveries: await this.remove(work, 'deliveries', (limit) =>
        this.store.removeDeliveries(ago(DELIVERY_MS), limit),
      ),
      webhookDeliveries: await this.remove(work, 'webhookDeliveries', (limit) =>
        this.store.removeWebhookDeliveries(ago(this.webhookDeliveriesMs), limit),
      ),
      trees: await this.removeContent(work, 'trees', 'package_tree'),
      blobs: await this.removeContent(work, 'blobs', 'blob'),
      storedBytes: await this.remove(work, 'storedBytes', (limit) => this.blobStore.sweep(limit)),
    };
    return { removed };
  }

  /** What an earlier version has indexed, or writes beside this one, is brought up to what is kept now. */
  private async fillBodies(work: InstanceWork): Promise<void> {
    let done = 0;
    for (let count = 1; count > 0; done += count) {
      count = await work.step(() => this.bodies.fillSome());
      if (count > 0) await work.note({ done: done + count, message: 'Reading files for the search' });
    }
  }

  private async removeContent(work: InstanceWork, what: string, table: ContentTable): Promise<number> {
    await work.step(() => this.store.unmarkUsed(table));
    const removed = await this.remove(work, what, (limit) =>
      this.store.removeUnused(table, new Date(Date.now() - UNUSED_CONTENT_MS), limit),
    );
    const unused = await this.store.findUnused(table, MARKED_PER_RUN);
    for (const oids of batchesOf(unused, ROWS_PER_STEP)) await work.step(() => this.store.mark(table, oids));
    return removed;
  }

  private async remove(
    work: InstanceWork,
    what: string,
    removeSome: (limit: number) => Promise<number>,
  ): Promise<number> {
    let total = 0;
    for (let count = ROWS_PER_STEP; count === ROWS_PER_STEP; total += count) {
      count = await work.step(() => removeSome(ROWS_PER_STEP));
      this.metrics.rowsRemoved(what, count);
      await work.note({ done: total + count, message: `Removing ${what}` });
    }
    return total;
  }
}
