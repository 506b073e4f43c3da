import { Injectable, Logger } from '@nestjs/common';
import { joinSignals } from '../../async/join-signals.js';
import { Database } from '../../database/database.js';
import { logStop } from '../../database/unavailable.js';
import { canCancel } from '../../domain/operation.js';
import { withContext } from '../../logging/request-context.js';
import { Endings } from '../endings.js';
import { redacted } from '../faults.js';
import { JobStore } from '../job.store.js';
import { type Lease, LeaseLostError } from '../lease.js';
import { OperationTraces } from '../operation-traces.js';
import type { TypedOperation } from '../typed-operation.js';
import type { InstanceWork } from './instance-handler.js';
import { InstanceStore } from './instance.store.js';

/** What work is done under. */
export interface Held {
  lease: Lease;
  stopping: AbortSignal;
}

class CancelledError extends Error {}

/** How often it is looked, while a remote is asked, whether somebody has cancelled the operation, in milliseconds. */
const LOOK_MS = 500;

/** Carries out one operation that works on no repository, in short steps, and records how it ends. */
@Injectable()
export class Carrier {
  private readonly logger = new Logger(Carrier.name);

  constructor(
    private readonly database: Database,
    private readonly store: InstanceStore,
    private readonly jobs: JobStore,
    private readonly endings: Endings,
    private readonly traces: OperationTraces,
  ) {}

  /** `run` gives the operation's result; null: it goes on once others have ended, and stays as it is until then. */
  async carryOut(
    operation: TypedOperation,
    held: Held,
    run: (work: InstanceWork) => Promise<Record<string, unknown> | null>,
  ): Promise<void> {
    const { id, requestId, requestedBy: actor } = operation;
    const context = { operationId: id, requestId: requestId ?? undefined, actor };
    const carriedOut = async () => {
      try {
        const result = await run(this.workOn(operation, held));
        if (result === null) return;
        await this.step(held, () => this.jobs.succeedAll([{ id, result }]));
        this.endings.announce(operation, 'succeeded');
      } catch (error) {
        await this.end(operation, held, error);
      }
    };
    await withContext(context, () => this.traces.run(operation, carriedOut));
  }

  private workOn({ id, kind }: TypedOperation, held: Held): InstanceWork {
    return {
      step: (run) =>
        this.step(held, async () => {
          held.stopping.throwIfAborted();
          if (canCancel(kind) && (await this.store.isCancelled(id))) throw new CancelledError();
          return run();
        }),
      outside: (run) => this.outside(id, held, run),
      note: (progress) => this.store.saveProgress(id, progress),
    };
  }

  private async outside<T>(
    id: string,
    { lease, stopping }: Held,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const cancelled = new AbortController();
    const { signal, leave } = joinSignals(lease.signal, stopping, cancelled.signal);
    const look = async () => {
      if (await this.store.isCancelled(id).catch(() => false)) cancelled.abort(new CancelledError());
    };
    const timer = setInterval(() => void look(), LOOK_MS);
    try {
      return await run(signal);
    } catch (error) {
      // However whatever was asked calls it that it was broken off.
      signal.throwIfAborted();
      throw error;
    } finally {
      clearInterval(timer);
      leave();
    }
  }

  private async end(operation: TypedOperation, held: Held, error: unknown): Promise<void> {
    // Another worker finds the operation as it is.
    if (held.stopping.aborted || error instanceof LeaseLostError) throw error;
    if (error instanceof CancelledError) {
      await this.step(held, () => this.jobs.cancel(operation.id));
      this.endings.announce(operation, 'cancelled');
      return;
    }
    const problem = redacted(error);
    if (problem.code === 'unavailable') logStop(this.logger, error);
    await this.step(held, () => this.endings.recordFailure(operation, problem));
    this.endings.announceFailure(operation, problem);
  }

  private step<T>({ lease }: Held, run: () => Promise<T>): Promise<T> {
    return this.database.transaction(async () => {
      await lease.assertHeld();
      return run();
    });
  }
}
