import { Injectable, Logger } from '@nestjs/common';
import { RegularTurns } from '../async/regular-turns.js';
import { Database } from '../database/database.js';
import type { Listener } from '../database/listener.js';
import { isLost } from '../database/unavailable.js';
import { lineOf } from '../domain/message-of.js';
import { uuidv7 } from '../domain/uuid.js';
import { toCloudEvent } from '../events/cloud-event.js';
import { EVENTS_CHANNEL } from '../events/event-number.store.js';
import { EventStore, type EventRow } from '../events/event.store.js';
import { Outbox } from '../jobs/outbox.js';
import { webhookScope } from '../jobs/work-scope.js';
import { Disabling } from './disabling.js';
import { maySee, OwnerRights } from './owner-rights.js';
import { WantedEvents } from './wanted-events.js';
import type { ToldWebhook } from './webhook-row.js';
import { type NewDelivery, WebhookStore } from './webhook.store.js';

const BATCH = 200;
/** The net below the notifications. */
const PAUSE_MS = 1_000;
/**
 * So long what follows is waited for. One change makes several events, some a moment after the others: they are made
 * deliveries together, with fewer statements, and most of them after the change has its answer.
 */
const GATHERING_MS = 250;

/**
 * Makes deliveries of events, one worker at a time: in the order of their numbers, each with the step of the cursor in one
 * transaction. So no event is passed over, whatever ends in between.
 */
@Injectable()
export class Distributor {
  private readonly logger = new Logger('Webhooks');
  private readonly turns = new RegularTurns(() => this.takeTurn(), PAUSE_MS);
  private listener: Listener | undefined;
  private gathering: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly store: WebhookStore,
    private readonly events: EventStore,
    private readonly wanted: WantedEvents,
    private readonly rights: OwnerRights,
    private readonly disabling: Disabling,
    private readonly outbox: Outbox,
  ) {}

  start(): void {
    this.listener = this.database.listen(EVENTS_CHANNEL, () => this.gather());
    this.turns.start();
  }

  async stop(): Promise<void> {
    clearTimeout(this.gathering);
    await Promise.all([this.listener?.close(), this.turns.stop()]);
  }

  private gather(): void {
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      this.turns.soon();
    }, GATHERING_MS);
  }

  private async takeTurn(): Promise<void> {
    try {
      for (let more = true; more;) more = await this.distributeSome();
    } catch (error) {
      if (!isLost(error)) this.logger.warn(`Events wait for their webhooks: ${lineOf(error)}; tried again.`);
    }
  }

  /** True where there may be more. */
  private async distributeSome(): Promise<boolean> {
    const { waits, last, isTold } = await this.store.look();
    if (!waits) return false;
    if (!isTold) {
      await this.store.moveCursor(last);
      return false;
    }
    return this.database.transaction(async () => {
      const position = await this.store.takeCursor();
      if (position === null) return false;
      // The events first: a webhook that is made meanwhile is then there for what happens after that.
      const events = await this.events.behind(position, BATCH);
      const newest = events.at(-1)?.sequence;
      if (newest === undefined) return false;
      await this.distribute(events, await this.store.enabled());
      await this.store.moveCursor(newest);
      return events.length === BATCH;
    });
  }

  private async distribute(events: readonly EventRow[], webhooks: readonly ToldWebhook[]): Promise<void> {
    const wanted = await this.wanted.of(webhooks, events);
    if (wanted.size === 0) return;
    const standing = await this.rights.of([...wanted.keys()]);
    const deliveries: NewDelivery[] = [];
    const bodies = new Map(events.map((event) => [event, JSON.stringify(toCloudEvent(event))]));
    for (const [webhook, own] of wanted) {
      if (!standing.isSomebody(webhook.id)) {
        await this.disabling.disable(webhook, 'ownerLost');
        continue;
      }
      const told = own.filter((event) => maySee(standing, webhook.id, event));
      deliveries.push(...told.map((event) => deliveryOf(webhook, event, bodies.get(event) ?? '')));
      if (told.length > 0) await this.outbox.ring(webhookScope(webhook.id));
    }
    if (deliveries.length > 0) await this.store.addDeliveries(deliveries);
  }
}

function deliveryOf({ id: webhookId }: ToldWebhook, event: EventRow, body: string): NewDelivery {
  const { id: eventId, sequence, type, repositoryId, path, subject, traceparent, tracestate } = event;
  return {
    ...{ id: uuidv7(), webhookId, sequence, eventId, type, repositoryId, path, subject, body, traceparent, tracestate },
  };
}
