import { Injectable } from '@nestjs/common';
import { RegularTurns } from '../async/regular-turns.js';
import { Database } from '../database/database.js';
import type { Prisma } from '../database/generated/client.js';
import type { Listener } from '../database/listener.js';
import { isLost } from '../database/unavailable.js';
import { lineOf } from '../domain/message-of.js';
import { type CursorTable, EventCursor } from './event-cursor.store.js';
import { EVENTS_CHANNEL } from './event-number.store.js';
import { type EventRow, EventStore } from './event.store.js';

/** The net below the notifications. */
const PAUSE_MS = 1_000;
/** It grows up to this while there is nothing to take. */
const LONGEST_PAUSE_MS = 30_000;

/** How a follower goes through the events, and what it does with them. */
export interface Following {
  /** The table that keeps the number of the last event that the follower has taken. */
  cursor: CursorTable;
  /** A condition: whether there is anybody to follow for. While there is not, events are passed over unread. */
  isWanted: Prisma.Sql;
  /** Events that are taken together at most. */
  batch: number;
  /** So many milliseconds what follows an event is waited for, to be taken with it. */
  gatheringMs?: number;
  /** Takes the next events, in the transaction that moves the cursor behind them. */
  take(events: readonly EventRow[]): Promise<void>;
  /** At the end of each turn. */
  settle?(): Promise<void>;
  /** Is told why a turn has ended early; the next one goes on there. */
  warn(reason: string): void;
}

/** Makes followers of the events. */
@Injectable()
export class EventFollowers {
  constructor(
    private readonly database: Database,
    private readonly events: EventStore,
  ) {}

  make(following: Following): EventFollower {
    return new EventFollower(this.database, this.events, following);
  }
}

/**
 * Goes through the events in the order of their numbers, one process at a time. What is made of them and the step of the
 * cursor are one transaction: none is passed over, and none taken twice, whatever ends in between.
 */
export class EventFollower {
  private readonly turns = new RegularTurns(() => this.takeTurn(), PAUSE_MS, LONGEST_PAUSE_MS);
  private readonly cursor: EventCursor;
  private listener: Listener | undefined;
  private gathering: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly events: EventStore,
    private readonly following: Following,
  ) {
    this.cursor = new EventCursor(database, following.cursor);
  }

  start(): void {
    this.listener = this.database.listen(EVENTS_CHANNEL, () => this.gather());
    this.turns.start();
  }

  /** A turn that begins after this call. */
  soon(): void {
    this.turns.soon();
  }

  async stop(): Promise<void> {
    clearTimeout(this.gathering);
    await Promise.all([this.listener?.close(), this.turns.stop()]);
  }

  private gather(): void {
    const { gatheringMs } = this.following;
    if (gatheringMs === undefined) return this.turns.soon();
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      this.turns.soon();
    }, gatheringMs);
  }

  private async takeTurn(): Promise<boolean> {
    try {
      let taken = await this.takeSome();
      const found = taken !== 'none';
      while (taken === 'more') taken = await this.takeSome();
      await this.following.settle?.();
      return found;
    } catch (error) {
      if (!isLost(error)) this.following.warn(lineOf(error));
      return true;
    }
  }

  /** Whether there were events, for this process or another that is at them, and may be more. */
  private async takeSome(): Promise<'none' | 'some' | 'more'> {
    const { waits, last, isWanted } = await this.cursor.look(this.following.isWanted);
    if (!waits) return 'none';
    if (!isWanted) {
      await this.cursor.move(last);
      return 'some';
    }
    const { batch, take } = this.following;
    return this.database.transaction(async () => {
      const position = await this.cursor.lock();
      if (position === null) return 'some';
      const events = await this.events.behind(position, batch);
      const newest = events.at(-1)?.sequence;
      if (newest === undefined) return 'some';
      await take(events);
      await this.cursor.move(newest);
      return events.length === batch ? 'more' : 'some';
    });
  }
}
