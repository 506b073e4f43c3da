import { Injectable } from '@nestjs/common';
import { EventNumberStore } from './event-number.store.js';

/** Longer than it takes from a change to its event's number, and than clocks of databases differ that take each other's place. */
const MARGIN = 5_000_000;

/**
 * Tells, of any moment, an event number that whoever reads the index then can go on from: what that shows has a lower one or
 * one from the last seconds, and what comes later a higher one. It moves with time alone, so it says nothing of events
 * that its reader may not see. Events are numbered by the clock of the database; this one follows it.
 */
@Injectable()
export class EventClock {
  /** The database's clock, in microseconds, less that of this process; never too high, since the answer took a while. */
  private ahead: number | undefined;

  constructor(private readonly store: EventNumberStore) {}

  async now(): Promise<number> {
    if (this.ahead === undefined) await this.look();
    return Math.floor((this.ahead ?? 0) + own()) - MARGIN;
  }

  /** The seconds since a time that the database has written; never too many. */
  async secondsSince(time: Date): Promise<number> {
    if (this.ahead === undefined) await this.look();
    return Math.max(0, ((this.ahead ?? 0) + own()) / 1_000_000 - time.getTime() / 1_000);
  }

  /** Looks at the database's clock; true where events wait for a number. */
  async look(): Promise<boolean> {
    const { waits, microseconds } = await this.store.look();
    this.ahead = microseconds - own();
    return waits;
  }
}

/** Goes on evenly, whatever is done to the clock of the machine. */
const own = (): number => performance.now() * 1_000;
