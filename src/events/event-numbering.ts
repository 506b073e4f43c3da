import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { RegularTurns } from '../async/regular-turns.js';
import { isLost } from '../database/unavailable.js';
import { lineOf } from '../domain/message-of.js';
import { EventClock } from './event-clock.js';
import { EventNumberStore } from './event-number.store.js';

const BATCH = 1_000;
/** After which events are found that a process left behind which ended between its commit and their numbers. */
const PAUSE_MS = 1_000;
/** It grows up to this while none wait. */
const LONGEST_PAUSE_MS = 30_000;

/**
 * Gives events their numbers a moment after they were committed, one process at a time. So a reader who goes by the numbers
 * meets every event, in whatever order the transactions ended that wrote them, and a long transaction holds up nobody else.
 * Runs in every process.
 */
@Injectable()
export class EventNumbering implements OnModuleDestroy {
  private readonly logger = new Logger(EventNumbering.name);
  private readonly turns = new RegularTurns(() => this.takeTurn(), PAUSE_MS, LONGEST_PAUSE_MS);

  constructor(
    private readonly store: EventNumberStore,
    private readonly clock: EventClock,
  ) {}

  start(): void {
    this.turns.start();
  }

  /** Call it once events were committed: it numbers them at once. */
  soon(): void {
    this.turns.soon();
  }

  /** Numbers what is there, and ends. */
  async stop(): Promise<void> {
    await this.turns.stop();
    await this.takeTurn();
  }

  async onModuleDestroy(): Promise<void> {
    await this.turns.stop();
  }

  /** Numbers every event that waits; false: there was none. */
  async numberAll(): Promise<boolean> {
    if (!(await this.clock.look())) return false;
    for (let count = BATCH; count === BATCH;) count = await this.store.number(BATCH);
    return true;
  }

  private async takeTurn(): Promise<boolean> {
    try {
      return await this.numberAll();
    } catch (error) {
      if (!isLost(error)) this.logger.warn(`Events wait for their numbers: ${lineOf(error)}; tried again.`);
      return true;
    }
  }
}
