import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../config/config.js';
import { uuidv7 } from '../domain/uuid.js';
import { eventSource, toCloudEvent } from '../events/cloud-event.js';
import { type EventFollower, EventFollowers } from '../events/event-follower.js';
import type { EventRow } from '../events/event.store.js';
import { Outbox } from '../jobs/outbox.js';
import { webhookScope } from '../jobs/work-scope.js';
import { Disabling } from './disabling.js';
import { maySee, OwnerRights } from './owner-rights.js';
import { WantedEvents } from './wanted-events.js';
import type { ToldWebhook } from './webhook-row.js';
import { IS_ANYBODY_TOLD, type NewDelivery, WebhookStore } from './webhook.store.js';

const BATCH = 200;
/**
 * So long what follows is waited for. One change makes several events, some a moment after the others: they are made
 * deliveries together, with fewer statements, and most of them after the change has its answer.
 */
const GATHERING_MS = 250;

/** Makes deliveries of events, in their order. */
@Injectable()
export class Distributor {
  private readonly logger = new Logger('Webhooks');
  private readonly follower: EventFollower;

  constructor(
    private readonly store: WebhookStore,
    private readonly wanted: WantedEvents,
    private readonly rights: OwnerRights,
    private readonly disabling: Disabling,
    private readonly outbox: Outbox,
    private readonly config: Config,
    followers: EventFollowers,
  ) {
    this.follower = followers.make({
      ...{ cursor: 'webhook_cursor', isWanted: IS_ANYBODY_TOLD, batch: BATCH, gatheringMs: GATHERING_MS },
      // The events were read first: a webhook that is made meanwhile is then there for what happens after that.
      take: async (events) => this.distribute(events, await this.store.enabled()),
      warn: (reason) => this.logger.warn(`Events wait for their webhooks: ${reason}; tried again.`),
    });
  }

  start(): void {
    this.follower.start();
  }

  async stop(): Promise<void> {
    await this.follower.stop();
  }

  private async distribute(events: readonly EventRow[], webhooks: readonly ToldWebhook[]): Promise<void> {
    const wanted = await this.wanted.of(webhooks, events);
    if (wanted.size === 0) return;
    const standing = await this.rights.of([...wanted.keys()]);
    const deliveries: NewDelivery[] = [];
    const source = eventSource(this.config.publicUrl ?? '');
    const bodies = new Map(events.map((event) => [event, JSON.stringify(toCloudEvent(event, source))]));
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
