import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../config/config.js';
import type { DomainError } from '../domain/errors.js';
import { EndedHere } from './ended-here.js';
import { Metrics } from '../logging/metrics.js';
import { readTrace } from '../tracing/traceparent.js';
import { backoffSeconds, isRetried } from './faults.js';
import { JobStore } from './job.store.js';
import { OperationTraces } from './operation-traces.js';
import type { TypedOperation } from './typed-operation.js';

/** Stores how a failed attempt goes on (another attempt, or the end), and reports each end to the log and the metrics. */
@Injectable()
export class Endings {
  private readonly logger = new Logger('Operations');

  constructor(
    private readonly store: JobStore,
    private readonly config: Config,
    private readonly metrics: Metrics,
    private readonly endedHere: EndedHere,
    private readonly traces: OperationTraces,
  ) {}

  /** Ends the operation with its Problem, or keeps it running with the reason and the time of the next attempt. */
  async recordFailure(operation: TypedOperation, error: DomainError, retrySeconds?: number): Promise<void> {
    if (isRetried(operation.kind, error, operation.startedAt)) {
      const seconds = retrySeconds ?? backoffSeconds(operation.attempts, this.config.retryMaxSeconds);
      await this.store.retryLater(operation.id, error.message, seconds);
      this.traces.end(operation.id, 'retried', error.message);
    } else {
      // What may be done in a state is told to a caller, of whom the worker knows nothing.
      const { allowedActions: _ofNobody, ...data } = error.data;
      await this.store.fail(operation.id, { code: error.code, detail: error.message, data });
      this.traces.end(operation.id, 'failed', error.message);
    }
  }

  announceFailure(operation: TypedOperation, error: DomainError): void {
    if (isRetried(operation.kind, error, operation.startedAt))
      this.log(operation, `${operation.kind} waits: ${error.message}`);
    else this.announce(operation, 'failed', error.message);
  }

  announce(operation: TypedOperation, state: 'succeeded' | 'failed' | 'cancelled', reason?: string): void {
    this.endedHere.tell(operation.id);
    this.metrics.operationEnded(operation.kind, state);
    this.traces.end(operation.id, state);
    const message = `${operation.kind} ${state}${reason === undefined ? '' : `: ${reason}`}`;
    this.log(operation, message, state === 'failed' ? 'warn' : 'log');
  }

  private log(operation: TypedOperation, message: string, level: 'log' | 'warn' = 'log'): void {
    const { id: operationId, requestId, requestedBy: actor, repositoryId } = operation;
    this.logger[level]({
      message,
      operationId,
      actor,
      requestId: requestId ?? undefined,
      traceId: readTrace(operation)?.traceId,
      repositoryId: repositoryId ?? undefined,
    });
  }
}
