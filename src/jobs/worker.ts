import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Glance } from '../database/glance.js';
import { isLost, logStop } from '../database/unavailable.js';
import { lineOf } from '../domain/message-of.js';
import { Doorbell } from '../queue/doorbell.js';
import { type Runner, RUNNERS, type Runners } from './runner.js';
import { Seats } from './seats.js';
import { INSTANCE_SCOPE, operationIn, webhookIn } from './work-scope.js';

/** How long work may go on after the worker was told to stop, in milliseconds; then it is interrupted. */
const DRAIN_MS = 1_500;
/** More than the scopes without room that a sweep passes over, so that they do not hide the others. */
const DUE_AT_ONCE = 1_000;
/** Pause between two sweeps while the earlier one left something for want of a seat, in milliseconds. */
const BUSY_SWEEP_MS = 50;

interface Desk {
  runner: Runner;
  seats: Seats;
}

/**
 * This process at work. It runs scopes that were rung, at once, and sweeps for those that are due: a ring is the quicker
 * way, and no work needs it.
 */
@Injectable()
export class Worker {
  private readonly logger = new Logger(Worker.name);
  private readonly repositories: Desk;
  private readonly instance: Desk;
  private readonly webhooks: Desk;
  private readonly operations: Desk;
  /** What was begun without a ring, or goes on after its ring was answered. */
  private readonly unrung = new Set<Promise<void>>();
  private sweeping: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(
    private readonly doorbell: Doorbell,
    @Inject(RUNNERS) runners: Runners,
    private readonly config: Config,
    private readonly glance: Glance,
  ) {
    this.repositories = deskOf(runners.repository);
    this.instance = deskOf(runners.instance);
    this.webhooks = deskOf(runners.webhook);
    this.operations = deskOf(runners.operation);
  }

  private get desks(): readonly Desk[] {
    return [this.instance, this.operations, this.repositories, this.webhooks];
  }

  async start(): Promise<void> {
    await this.doorbell.listen((scopeId) => this.answer(scopeId), this.repositories.runner.seats);
    this.scheduleSweep(false);
    for (const { runner } of this.desks) runner.start?.();
  }

  /** Takes no new work, lets what is under way finish, and interrupts it after a moment. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.sweeping) clearTimeout(this.sweeping);
    const interrupt = setTimeout(() => this.desks.forEach(({ runner }) => runner.interrupt()), DRAIN_MS);
    await Promise.all([...this.desks.map(({ runner }) => runner.stop?.()), this.doorbell.close(), ...this.unrung]);
    clearTimeout(interrupt);
  }

  /** Answers rings for all but repositories at once: their work may take long, and would keep the doorbell busy for repositories. */
  private async answer(scopeId: string): Promise<void> {
    const operationId = operationIn(scopeId);
    const webhookId = webhookIn(scopeId);
    if (operationId !== undefined) this.runUnrung(this.operations, operationId);
    else if (webhookId !== undefined) this.runUnrung(this.webhooks, webhookId);
    else if (scopeId === INSTANCE_SCOPE) this.runUnrung(this.instance, scopeId);
    else await this.run(this.repositories, scopeId);
  }

  private run({ runner, seats }: Desk, scopeId: string): Promise<void> {
    return seats.use(async () => {
      // It waited for a seat until the worker was told to stop.
      if (this.stopped) return;
      try {
        await runner.run(scopeId);
      } catch (error) {
        // The rows say what is left to do; the next sweep of any worker finds it.
        logStop(this.logger, error);
      }
    });
  }

  private runUnrung(desk: Desk, scopeId: string): void {
    const running = this.run(desk, scopeId).finally(() => this.unrung.delete(running));
    this.unrung.add(running);
  }

  private scheduleSweep(isBusy: boolean): void {
    // Workers started together must not sweep together for ever.
    const idle = this.config.sweepIntervalMs * (0.75 + Math.random() / 2);
    const delay = isBusy ? Math.min(BUSY_SWEEP_MS, idle) : idle;
    this.sweeping = setTimeout(() => void this.sweep().then((left) => this.stopped || this.scheduleSweep(left)), delay);
  }

  /** Begins what is due while seats are free; true when something was left for want of one. */
  private async sweep(): Promise<boolean> {
    let isBusy = false;
    for (const desk of await this.desksWithWork()) {
      try {
        isBusy = (await this.sweepAt(desk)) || isBusy;
      } catch (error) {
        this.warn(error);
      }
    }
    return isBusy;
  }

  /** At rest this is all that is asked. */
  private async desksWithWork(): Promise<readonly Desk[]> {
    try {
      const holds = await this.glance.look(this.desks.map(({ runner }) => runner.isDue));
      return this.desks.filter((_, index) => holds[index]);
    } catch (error) {
      this.warn(error);
      return [];
    }
  }

  private warn(error: unknown): void {
    if (!isLost(error)) this.logger.warn(`The sweep failed and is tried again: ${lineOf(error)}`);
  }

  private async sweepAt(desk: Desk): Promise<boolean> {
    const { runner, seats } = desk;
    if (!seats.areFree) return desk !== this.instance;
    for (const scopeId of await runner.due(DUE_AT_ONCE)) {
      if (this.stopped) return false;
      if (!seats.areFree) return true;
      if (runner.hasRoom(scopeId)) this.runUnrung(desk, scopeId);
    }
    return false;
  }
}

const deskOf = (runner: Runner): Desk => ({ runner, seats: new Seats(runner.seats) });
