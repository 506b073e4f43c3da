import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Doorbell } from '../../queue/doorbell.js';
import { EngineStore } from './engine.store.js';
import { Poller } from './poller.js';
import { Visitor } from './visitor.js';

/** How long visits may go on after the worker was told to stop, in milliseconds; then their network calls are cut. */
const DRAIN_MS = 5_000;
/** Rung for in one sweep. What users ask for rings by itself and must not wait behind a thousand of these. */
const RINGS_AT_ONCE = 64;

/** The engine at work in this process: answers the doorbell, and sweeps for what no ring announced. */
@Injectable()
export class EngineWorker {
  private readonly logger = new Logger(EngineWorker.name);
  private sweeping: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(
    private readonly doorbell: Doorbell,
    private readonly visitor: Visitor,
    private readonly poller: Poller,
    private readonly store: EngineStore,
    private readonly config: Config,
  ) {}

  async start(): Promise<void> {
    await this.doorbell.listen((repositoryId) => this.visit(repositoryId), this.config.workerConcurrency);
    this.scheduleSweep();
    this.poller.start();
  }

  /** Takes no new work, lets what is under way finish, and cuts it short after a few seconds. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.sweeping) clearTimeout(this.sweeping);
    const cut = setTimeout(() => this.visitor.stop(), DRAIN_MS);
    await Promise.all([this.poller.stop(), this.doorbell.close()]);
    clearTimeout(cut);
  }

  private async visit(repositoryId: string): Promise<void> {
    try {
      await this.visitor.visit(repositoryId);
    } catch (error) {
      // The rows say what is left to do; the sweeper rings for it again.
      this.logger.error(error);
    }
  }

  private scheduleSweep(): void {
    // Workers started together must not sweep together for ever.
    const delay = this.config.sweepIntervalMs * (0.75 + Math.random() / 2);
    this.sweeping = setTimeout(() => void this.sweep().finally(() => this.stopped || this.scheduleSweep()), delay);
  }

  private async sweep(): Promise<void> {
    try {
      for (const repositoryId of await this.store.due(RINGS_AT_ONCE)) await this.doorbell.ring(repositoryId);
    } catch (error) {
      this.logger.warn(
        `The sweep failed and is tried again: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}
