import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Doorbell } from '../../queue/doorbell.js';
import { Bulkhead } from './bulkhead.js';
import { EngineStore } from './engine.store.js';
import { Poller } from './poller.js';
import { Seats } from './seats.js';
import { Visitor } from './visitor.js';

/** How long visits may go on after the worker was told to stop, in milliseconds; then their network calls are cut. */
const DRAIN_MS = 1_500;
/** More than the doubted repositories that a sweep passes over, so that they do not hide the others. */
const DUE_AT_ONCE = 1_000;
/** Pause between two sweeps while the earlier one left something for want of a seat, in milliseconds. */
const BUSY_SWEEP_MS = 50;

/**
 * The engine at work in this process. It visits repositories that were rung, at once, and sweeps for those that are due:
 * a ring is the quicker way, and no work needs it.
 */
@Injectable()
export class EngineWorker {
  private readonly logger = new Logger(EngineWorker.name);
  private readonly seats: Seats;
  private readonly swept = new Set<Promise<void>>();
  private sweeping: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(
    private readonly doorbell: Doorbell,
    private readonly visitor: Visitor,
    private readonly bulkhead: Bulkhead,
    private readonly poller: Poller,
    private readonly store: EngineStore,
    private readonly config: Config,
  ) {
    this.seats = new Seats(config.workerConcurrency);
  }

  async start(): Promise<void> {
    await this.doorbell.listen((repositoryId) => this.visit(repositoryId), this.config.workerConcurrency);
    this.scheduleSweep(false);
    this.poller.start();
  }

  /** Takes no new work, lets what is under way finish, and cuts it short after a few seconds. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.sweeping) clearTimeout(this.sweeping);
    const cut = setTimeout(() => this.visitor.stop(), DRAIN_MS);
    await Promise.all([this.poller.stop(), this.doorbell.close(), ...this.swept]);
    clearTimeout(cut);
  }

  private visit(repositoryId: string): Promise<void> {
    return this.seats.use(async () => {
      // It waited for a seat until the worker was told to stop.
      if (this.stopped) return;
      try {
        await this.visitor.visit(repositoryId);
      } catch (error) {
        // The rows say what is left to do; the next sweep of any worker finds it.
        this.logger.error(error);
      }
    });
  }

  private scheduleSweep(isBusy: boolean): void {
    // Workers started together must not sweep together for ever.
    const idle = this.config.sweepIntervalMs * (0.75 + Math.random() / 2);
    const delay = isBusy ? Math.min(BUSY_SWEEP_MS, idle) : idle;
    this.sweeping = setTimeout(() => void this.sweep().then((left) => this.stopped || this.scheduleSweep(left)), delay);
  }

  /** Begins visits of what is due while seats are free; true when something was left for want of one. */
  private async sweep(): Promise<boolean> {
    if (!this.seats.areFree) return true;
    try {
      for (const repositoryId of await this.store.due(DUE_AT_ONCE)) {
        if (this.stopped) return false;
        if (!this.seats.areFree) return true;
        if (this.bulkhead.hasRoom(repositoryId)) this.visitUnrung(repositoryId);
      }
    } catch (error) {
      this.logger.warn(
        `The sweep failed and is tried again: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    return false;
  }

  private visitUnrung(repositoryId: string): void {
    const visit = this.visit(repositoryId).finally(() => this.swept.delete(visit));
    this.swept.add(visit);
  }
}
