import { setTimeout as sleep } from 'node:timers/promises';
import { EventNumberStore } from '../../../src/events/event-number.store.js';
import type { Client } from '../../chaos/client.js';
import type { Evidence } from '../../chaos/evidence.js';
import type { StreamedEvent } from '../../support/event-reader.js';
import type { Random } from '../../support/random.js';
import { WebhookReceiver } from '../../support/webhook-receiver.js';
import type { Guest, Stage } from '../stage.js';

const TYPE = 'packageRevision.published';
const DELIVERED_WITHIN_MS = 60_000;
const MOODS = { takes: 5, fails: 2, dies: 2, hangs: 1 } as const;

/** A receiver of webhooks that dies now and then: what it has not taken is sent again. */
export class Hooks implements Guest {
  readonly kind = 'receiver';
  readonly weight = 2;
  private mood: keyof typeof MOODS = 'takes';
  /** Numbers of events that it has said it has taken. */
  private readonly taken = new Set<string>();
  private readonly faults: string[] = [];

  private constructor(
    private readonly receiver: WebhookReceiver,
    /** `since`: the number of the last event that it is not told of. */
    private readonly webhook: { id: string; secret: string; since: number },
    private readonly client: Client,
    private readonly random: Random,
  ) {}

  static async create(stage: Stage): Promise<Hooks> {
    const receiver = await WebhookReceiver.start();
    const steps = await stage.steps('hooks');
    const body = { name: `hooks-${stage.round}`, url: receiver.url, types: [TYPE] };
    const made = await steps.expect(201, 'POST', '/webhooks', body);
    const since = await new EventNumberStore(stage.cluster.test.database).last();
    const webhook = { id: made.body.id as string, secret: made.body.secret as string, since };
    const hooks = new Hooks(receiver, webhook, await stage.client('hooks'), stage.fork());
    receiver.answering = (response, call) => {
      if (!call.isSigned(webhook.secret)) hooks.faults.push(`webhooks: ${call.id} is not signed`);
      if (hooks.mood === 'fails') return response.writeHead(500).end('no');
      if (hooks.mood === 'dies') return response.destroy();
      if (hooks.mood === 'hangs') return undefined;
      hooks.taken.add(call.event.sequence);
      return response.writeHead(204).end();
    };
    return hooks;
  }

  async act(): Promise<void> {
    this.mood = this.random.weighted(MOODS);
  }

  /** Has everything that waits for its next attempt sent at once. */
  async settle(): Promise<void> {
    this.mood = 'takes';
  }

  async check(_: readonly Evidence[], told: readonly StreamedEvent[]): Promise<string[]> {
    const due = told
      .filter(({ type, sequence }) => type.endsWith(TYPE) && Number(sequence) > this.webhook.since)
      .map(({ sequence }) => sequence);
    const missing = () => due.filter((sequence) => !this.taken.has(sequence));
    for (const end = Date.now() + DELIVERED_WITHIN_MS; missing().length > 0 && Date.now() < end;) {
      const { body } = await this.client.get(`/webhooks/${this.webhook.id}/deliveries?state=waiting&pageSize=100`);
      for (const { id } of body.items ?? []) {
        await this.client.post(`/webhooks/${this.webhook.id}/deliveries/${id}/redeliver`);
      }
      await sleep(500);
    }
    await this.client.once('DELETE', `/webhooks/${this.webhook.id}`, '*');
    await this.receiver.stop();
    const lost = missing().map((sequence) => `webhooks: the receiver was never told of ${sequence}`);
    return [...this.faults, ...lost];
  }
}
