import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { RegularTurns } from '../async/regular-turns.js';
import { Database } from '../database/database.js';
import type { Listener } from '../database/listener.js';
import { isLost } from '../database/unavailable.js';
import { lineOf } from '../domain/message-of.js';
import { Metrics } from '../logging/metrics.js';
import { EventClock } from './event-clock.js';
import { EVENTS_CHANNEL, EventNumberStore } from './event-number.store.js';
import { type EventRow, EventStore } from './event.store.js';

const BATCH = 500;
/** The net below the notifications, which a pooler between this process and PostgreSQL may swallow. */
const PAUSE_MS = 1_000;
/** How often those who follow are told how far they are while nothing happens that is for them. */
const SETTLE_MS = 10_000;

/** Takes events in the order of their numbers, each once. Must not take long, and not throw. */
export type Taker = (events: readonly EventRow[]) => void;

/** Reads new events once for all who follow them in this process, while there is anybody. */
@Injectable()
export class EventFeed implements OnModuleDestroy {
  private readonly logger = new Logger(EventFeed.name);
  private readonly takers = new Set<Taker>();
  private readonly turns = new RegularTurns(() => this.takeTurn(), PAUSE_MS);
  private listener: Listener | undefined;
  /** Those that follow, and those that are about to. */
  private followers = 0;
  private begun: Promise<void> | undefined;
  /** The number of the last event that was read. */
  private position = 0;
  private settledAt = -Infinity;
  private settled: number | undefined;

  constructor(
    private readonly database: Database,
    private readonly numbers: EventNumberStore,
    private readonly store: EventStore,
    private readonly clock: EventClock,
    private readonly metrics: Metrics,
  ) {}

  /** From now on `take` gets all events behind the number that this returns; those up to there are in the store. */
  async follow(take: Taker): Promise<number> {
    this.followers += 1;
    try {
      await (this.begun ??= this.begin());
    } catch (error) {
      this.followers -= 1;
      this.begun = undefined;
      throw error;
    }
    this.takers.add(take);
    return this.position;
  }

  /** A number up to which all events were taken by those who follow; undefined until that is known. */
  get reached(): number | undefined {
    return this.settled;
  }

  async leave(take: Taker): Promise<void> {
    if (!this.takers.delete(take)) return;
    this.followers -= 1;
    if (this.followers === 0) await this.end();
  }

  async onModuleDestroy(): Promise<void> {
    this.takers.clear();
    await this.end();
  }

  private async begin(): Promise<void> {
    this.position = await this.numbers.last();
    this.settled = undefined;
    this.settledAt = performance.now();
    this.listener = this.database.listen(EVENTS_CHANNEL, () => this.turns.soon());
    this.turns.start();
  }

  private async end(): Promise<void> {
    this.begun = undefined;
    const { listener } = this;
    this.listener = undefined;
    await Promise.all([listener?.close(), this.turns.stop()]);
  }

  private async takeTurn(): Promise<boolean> {
    try {
      const isDue = performance.now() - this.settledAt >= SETTLE_MS;
      const settled = isDue ? await this.numbers.settled() : this.settled;
      for (let more = true; more;) more = await this.readSome();
      this.settled = settled;
      if (isDue) this.settledAt = performance.now();
      return false;
    } catch (error) {
      if (!isLost(error)) this.logger.warn(`New events wait: ${lineOf(error)}; tried again.`);
      return true;
    }
  }

  private async readSome(): Promise<boolean> {
    const events = await this.store.behind(this.position, BATCH);
    const last = events.at(-1)?.sequence;
    if (last === undefined) return false;
    this.position = last;
    for (const take of this.takers) take(events);
    for (const { time } of events) this.metrics.eventReached(await this.clock.secondsSince(time));
    return events.length === BATCH;
  }
}
