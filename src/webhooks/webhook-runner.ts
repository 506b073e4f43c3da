import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import { SystemFault } from '../domain/system-fault.js';
import { Bulkhead } from '../jobs/bulkhead.js';
import { interruptible, type Lease, LeaseLostError, Leases } from '../jobs/lease.js';
import type { Runner } from '../jobs/runner.js';
import { Disabling } from './disabling.js';
import { Distributor } from './distributor.js';
import { maySee, OwnerRights } from './owner-rights.js';
import { type Attempt, Sender } from './sender.js';
import type { DueDelivery, ToldWebhook } from './webhook-row.js';
import { IS_ANY_DUE, type Outcome, WebhookStore } from './webhook.store.js';

/** Webhooks at work at a time in this process; those that fail or are slow share half of it. */
const SEATS = 32;
/** Deliveries to one webhook at a time. */
const AT_ONCE = 8;
const BATCH = 100;
/** A webhook that takes longer is treated as one that fails, when it comes to seats. */
const SLOW_MS = 2_000;
/** After so long a visit lets other webhooks go first. */
const SLICE_MS = 10_000;
/** How long deliveries wait that this process cannot sign. */
const UNSIGNED_SECONDS = 10;

const SKIPPED: Outcome = { state: 'skipped', status: null, answer: null, error: null, pause: null };

/** Carries out the deliveries of webhooks, of each by one worker at a time: that keeps the order of first attempts. */
@Injectable()
export class WebhookRunner implements Runner {
  readonly seats = SEATS;
  readonly isDue = IS_ANY_DUE;
  private readonly logger = new Logger('Webhooks');
  private readonly stopping = new AbortController();
  private readonly bulkhead = new Bulkhead(SEATS);
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly leases: Leases,
    private readonly store: WebhookStore,
    private readonly distributor: Distributor,
    private readonly rights: OwnerRights,
    private readonly sender: Sender,
    private readonly disabling: Disabling,
  ) {}

  due(limit: number): Promise<string[]> {
    return this.store.due(limit);
  }

  hasRoom(webhookId: string): boolean {
    return this.bulkhead.hasRoom(webhookId);
  }

  start(): void {
    this.distributor.start();
  }

  stop(): Promise<void> {
    this.stopped = true;
    return this.distributor.stop();
  }

  interrupt(): void {
    this.stopping.abort(new Error('The worker is stopping.'));
  }

  async run(webhookId: string): Promise<void> {
    const leave = this.bulkhead.enter(webhookId);
    if (leave === null) return;
    try {
      // What was rung for while the lease was given back had no one to hear it.
      for (let more = true; more && !this.stopped;) more = await this.visit(webhookId);
    } finally {
      leave();
    }
  }

  /** True where there is more to do at once. */
  private async visit(webhookId: string): Promise<boolean> {
    const taken = await this.leases.acquire(webhookId);
    if (taken === null) return false;
    const lease = interruptible(taken, this.stopping.signal);
    const until = performance.now() + SLICE_MS;
    try {
      for (let more = true; more && !this.stopped;) {
        if (performance.now() > until) return false;
        more = await this.deliverSome(webhookId, lease);
      }
    } catch (error) {
      if (this.stopping.signal.aborted) return false;
      if (!(error instanceof LeaseLostError)) throw error;
      this.logger.warn(error.message);
      return false;
    } finally {
      await lease.release();
    }
    return this.store.hasDue(webhookId);
  }

  private async deliverSome(webhookId: string, lease: Lease): Promise<boolean> {
    const webhook = await this.store.findEnabled(webhookId);
    const due = webhook === null ? [] : await this.store.dueDeliveries(webhookId, BATCH);
    if (webhook === null || due.length === 0) return false;
    const secrets = await this.sender.secretsOf(webhook).catch((error: unknown) => this.putOff(webhook, lease, error));
    if (secrets === null) return false;
    const visit = new Deliveries(webhook, lease, secrets, this.rights.ofOne(webhook));
    const lanes = lanesOf(due);
    const work = async () => {
      for (let lane = lanes.shift(); lane; lane = lanes.shift()) {
        for (const delivery of lane) {
          if (this.stopped || visit.isOver) return;
          await this.deliver(visit, delivery);
        }
      }
    };
    const ended = await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, lanes.length) }, work));
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
    // Where these were not all that a batch can hold, whoever gives the lease back looks for more.
    return !visit.isOver && due.length >= BATCH;
  }

  /** Leaves the deliveries to a process that can sign them; null, since nothing signs them here. */
  private async putOff({ id, name }: ToldWebhook, lease: Lease, error: unknown): Promise<null> {
    if (!(error instanceof SystemFault)) throw error;
    this.logger.warn({ message: error.message, webhookId: id, webhook: name });
    await this.store.putOff(id, error.message, UNSIGNED_SECONDS, lease);
    return null;
  }

  private async deliver(visit: Deliveries, delivery: DueDelivery): Promise<void> {
    const { webhook, lease, secrets } = visit;
    const standing = await visit.standing();
    if (!standing.isSomebody(webhook.id)) {
      visit.isOver = true;
      return this.disabling.disable(webhook, 'ownerLost');
    }
    if (!maySee(standing, webhook.id, delivery)) {
      await this.store.note(delivery.id, SKIPPED, lease);
      return;
    }
    const begun = performance.now();
    const attempt = await this.sender.send(webhook, delivery, secrets, lease.signal);
    const isSlow = performance.now() - begun > SLOW_MS;
    if (attempt.state === 'succeeded' && !isSlow) this.bulkhead.noteSuccess(webhook);
    else this.bulkhead.noteFailure(webhook);
    await this.record(visit, delivery, attempt);
  }

  private async record(visit: Deliveries, { id }: DueDelivery, attempt: Attempt): Promise<void> {
    const { webhook, lease } = visit;
    if (attempt.state === 'succeeded') {
      if (!(await this.store.note(id, attempt, lease))) return;
      if (visit.isFailing) await this.store.noteSuccess(webhook.id);
      visit.isFailing = false;
      return;
    }
    visit.isFailing = true;
    await this.database.transaction(async () => {
      // First the webhook, then its delivery, as a deletion goes: the other way round they would wait for each other.
      if (!(await this.store.lock(webhook.id)) || !(await this.store.note(id, attempt, lease))) return;
      const isLost = await this.store.noteFailure(webhook.id);
      if (!attempt.isGone && !isLost) return;
      visit.isOver = true;
      await this.disabling.disable(webhook, attempt.isGone ? 'gone' : 'failing');
    });
  }
}

/** Some deliveries of one webhook under way. */
class Deliveries {
  /** Nothing else is to be sent. */
  isOver = false;
  isFailing: boolean;

  constructor(
    readonly webhook: ToldWebhook,
    readonly lease: Lease,
    readonly secrets: readonly string[],
    readonly standing: ReturnType<OwnerRights['ofOne']>,
  ) {
    this.isFailing = webhook.failingSince !== null;
  }
}

/** What is about one resource goes one after the other, in the order of its events. */
function lanesOf(deliveries: readonly DueDelivery[]): DueDelivery[][] {
  const lanes = new Map<string, DueDelivery[]>();
  for (const delivery of deliveries) {
    const lane = lanes.get(delivery.subject);
    if (lane) lane.push(delivery);
    else lanes.set(delivery.subject, [delivery]);
  }
  return [...lanes.values()];
}
