import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { type Job, Queue, Worker } from 'bullmq';
import { isLost } from '../database/unavailable.js';
import { Doorbell } from './doorbell.js';
import type { QueueBackend } from './queue-backend.js';

const QUEUE = 'scopes';
const ANSWER_TIMEOUT_MS = 2_000;
/** How long a stopping process tries to tell the backend which rings it has answered, in milliseconds. */
const FAREWELL_MS = 500;

/**
 * A doorbell on BullMQ: a job is a ring, its deduplication id the scope's id. No caller depends on the backend: a
 * ring is sent in the background, and {@link close} ends in time while the backend is away or hangs.
 */
@Injectable()
export class BullmqDoorbell extends Doorbell implements OnApplicationShutdown {
  private readonly logger = new Logger('Doorbell');
  private readonly queue: Queue;
  private worker?: Worker;
  private closing?: Promise<void>;
  private away = false;
  /** Whether the log shows that it is away. */
  private told = false;
  /** Scopes whose ring is being sent; true: they were rung again meanwhile. */
  private readonly onTheWay = new Map<string, boolean>();
  private readonly answers = new Set<Promise<void>>();
  private counting: Promise<Record<string, number>> | undefined;

  /** The rings of a process that was killed are taken over after `crashDetectionMs`. */
  constructor(
    private readonly backend: QueueBackend,
    private readonly crashDetectionMs: number,
  ) {
    super();
    this.queue = backend.queue(QUEUE, {
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
      skipWaitingForReady: true,
    });
    this.queue.on('error', (error) => this.checkAfter(error));
  }

  ring(scopeId: string): void {
    // The ring that is being sent may be answered before this change is visible, so another one follows it.
    if (this.onTheWay.has(scopeId)) this.onTheWay.set(scopeId, true);
    else void this.send(scopeId);
  }

  /** While Redis is away BullMQ keeps the ring until Redis is back: one for each scope, however often it is rung. */
  private async send(scopeId: string): Promise<void> {
    do {
      this.onTheWay.set(scopeId, false);
      // keepLastIfActive folds any number of rings during an answer into exactly one more.
      const deduplication = { id: scopeId, keepLastIfActive: true };
      const sent = this.queue.add('ring', { scopeId }, { deduplication });
      this.ask(sent).catch(() => undefined);
      await sent.catch(() => undefined);
    } while (this.onTheWay.get(scopeId) === true);
    this.onTheWay.delete(scopeId);
  }

  async listen(answer: (scopeId: string) => Promise<void>, concurrency: number): Promise<void> {
    if (this.worker) throw new Error('This doorbell has a listener already.');
    const process = ({ data }: Job<{ scopeId: string }>) => {
      const answering = answer(data.scopeId).finally(() => this.answers.delete(answering));
      this.answers.add(answering);
      return answering;
    };
    this.worker = this.backend.worker(QUEUE, process, {
      concurrency,
      lockDuration: this.crashDetectionMs,
      stalledInterval: this.crashDetectionMs / 2,
      // A ring stays, however often its listener is killed meanwhile.
      maxStalledCount: 1_000_000,
      runRetryDelay: 1_000,
      ...(this.backend.drainDelaySeconds === undefined ? {} : { drainDelay: this.backend.drainDelaySeconds }),
    });
    this.worker.on('error', (error) => this.checkAfter(error));
    this.worker.on('failed', (job, error) => {
      this.logger.error(`The work in ${job?.data.scopeId} failed: ${error.message}`, error.stack);
    });
  }

  async depth(): Promise<{ waiting: number; active: number }> {
    // A probe every few seconds must neither wait for what is known nor add to the questions that are open.
    if (this.away && this.counting) throw new Error(`The queue (${this.backend.name}) does not answer.`);
    const counts = await this.ask(this.count());
    return { waiting: counts.waiting ?? 0, active: counts.active ?? 0 };
  }

  close(): Promise<void> {
    this.closing ??= this.stop();
    return this.closing;
  }

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }

  private async stop(): Promise<void> {
    this.backend.stopReconnecting();
    // Takes no further ring, and ends when those under way are marked as answered.
    const farewell = this.worker?.close();
    await Promise.allSettled(this.answers);
    // A ring that the backend does not learn about is answered once more by another worker.
    await inTime(Promise.resolve(farewell), FAREWELL_MS).catch(() => undefined);
    // One that had been handed out already when the worker was closed.
    await Promise.allSettled(this.answers);
    // Without force a connection would wait for its backend to say goodbye.
    const cut = Promise.allSettled([this.worker?.getBackend().close(true), this.queue.getBackend().close(true)]);
    await inTime(cut, FAREWELL_MS).catch(() => undefined);
  }

  /** One question at a time: while Redis is away, BullMQ keeps each of them. */
  private count(): Promise<Record<string, number>> {
    this.counting ??= this.queue.getJobCounts('waiting', 'active').finally(() => (this.counting = undefined));
    return this.counting;
  }

  /** An error of one connection need not mean that the backend is away, so that it is asked. */
  private checkAfter(suspicion: Error): void {
    if (!this.away && !this.closing) this.ask(this.count(), suspicion).catch(() => undefined);
  }

  /** Waits for an answer of the backend, and notes whether it gives one. */
  private async ask<T>(question: Promise<T>, suspicion?: Error): Promise<T> {
    question.then(
      () => this.noteAnswer(),
      () => undefined,
    );
    try {
      return await inTime(question, ANSWER_TIMEOUT_MS);
    } catch (error) {
      this.noteSilence(suspicion ?? error, error);
      throw error;
    }
  }

  private noteAnswer(): void {
    if (!this.away || this.closing) return;
    this.away = false;
    this.logger[this.told ? 'log' : 'debug'](`The queue (${this.backend.name}) answers again.`);
  }

  /** Logs an outage once, not with every attempt. A lost connection to the service's own database is told by that. */
  private noteSilence(error: unknown, answer: unknown): void {
    const told = this.backend.name !== 'PostgreSQL' || !isLost(answer);
    if (this.closing || (this.away && (this.told || !told))) return;
    this.away = true;
    this.told = told;
    const reason = error instanceof Error ? error.message || error.name : String(error);
    this.logger[this.told ? 'warn' : 'debug'](
      `The queue (${this.backend.name}) does not answer: ${reason}. Until it does, workers look for work by themselves.`,
    );
  }
}

async function inTime<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
  const timer = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: timer.signal, ref: false }).then(() => {
    throw new Error(`no answer within ${milliseconds / 1000} s`);
  });
  // The one that loses the race rejects later, when nothing awaits it any more.
  late.catch(() => undefined);
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    timer.abort();
  }
}
