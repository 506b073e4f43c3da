import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import type { Runner } from '../../jobs/runner.js';
import { Bulkhead } from '../../jobs/bulkhead.js';
import { EngineStore, IS_ANY_DUE } from './engine.store.js';
import { Poller } from './poller.js';
import { Visitor } from './visitor.js';

/** Visits repositories that have work, and polls the others. */
@Injectable()
export class RepositoryRunner implements Runner {
  readonly seats: number;
  readonly isDue = IS_ANY_DUE;

  constructor(
    private readonly store: EngineStore,
    private readonly visitor: Visitor,
    private readonly bulkhead: Bulkhead,
    private readonly poller: Poller,
    { workerConcurrency }: Config,
  ) {
    this.seats = workerConcurrency;
  }

  due(limit: number): Promise<string[]> {
    return this.store.due(limit);
  }

  hasRoom(repositoryId: string): boolean {
    return this.bulkhead.hasRoom(repositoryId);
  }

  run(repositoryId: string): Promise<void> {
    return this.visitor.visit(repositoryId);
  }

  start(): void {
    this.poller.start();
  }

  stop(): Promise<void> {
    return this.poller.stop();
  }

  interrupt(): void {
    this.visitor.stop();
  }
}
