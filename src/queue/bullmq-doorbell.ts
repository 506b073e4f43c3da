import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { type Job, Queue, Worker } from 'bullmq';
import { Doorbell } from './doorbell.js';
import type { QueueBackend } from './queue-backend.js';

const QUEUE = 'repositories';
const ANSWER_TIMEOUT_MS = 3_000;
const RING_TIMEOUT_MS = 1_000;
const CLOSE_TIMEOUT_MS = 8_000;

/** A doorbell on BullMQ: a job is a ring, its deduplication id the repository's id. */
@Injectable()
export class BullmqDoorbell extends Doorbell implements OnApplicationShutdown {
  private readonly logger = new Logger('Doorbell');
  private readonly queue: Queue;
  private worker?: Worker;
  private closing?: Promise<void>;
  private away = false;
  /** Rings on their way; true: one more is wanted after it. */
  private readonly onTheWay = new Map<string, boolean>();

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
    this.queue.on('error', (error) => this.complain(error));
  }

  /** Never throws and never waits long: the operation is stored, and the sweeper rings again for it. */
  async ring(repositoryId: string): Promise<void> {
    // Of a thousand changes at once each rings. One that is on its way may be too early for this change, the next is not.
    if (this.onTheWay.has(repositoryId)) {
      this.onTheWay.set(repositoryId, true);
      return;
    }
    const answer = this.send(repositoryId);
    // While the backend is away a ring waits in memory for its return, and nobody waits for it.
    if (!this.away) await inTime(answer, RING_TIMEOUT_MS).catch((error: unknown) => this.complain(error));
  }

  private async send(repositoryId: string): Promise<void> {
    try {
      do {
        this.onTheWay.set(repositoryId, false);
        // keepLastIfActive folds any number of rings during a visit into exactly one more visit.
        const deduplication = { id: repositoryId, keepLastIfActive: true };
        await this.queue.add('visit', { repositoryId }, { deduplication });
        this.away = false;
      } while (this.onTheWay.get(repositoryId) === true);
    } catch (error) {
      this.complain(error);
    } finally {
      this.onTheWay.delete(repositoryId);
    }
  }

  async listen(visit: (repositoryId: string) => Promise<void>, concurrency: number): Promise<void> {
    if (this.worker) throw new Error('This doorbell has a listener already.');
    const answer = ({ data }: Job<{ repositoryId: string }>) => visit(data.repositoryId);
    this.worker = this.backend.worker(QUEUE, answer, {
      concurrency,
      lockDuration: this.crashDetectionMs,
      stalledInterval: this.crashDetectionMs / 2,
      // However often a visitor is killed during a visit: the ring stays.
      maxStalledCount: 1_000_000,
    });
    this.worker.on('error', (error) => this.complain(error));
    this.worker.on('failed', (job, error) => {
      this.logger.error(`The visit of repository ${job?.data.repositoryId} failed: ${error.message}`, error.stack);
    });
  }

  async depth(): Promise<{ waiting: number; active: number }> {
    const counts = await inTime(this.queue.getJobCounts('waiting', 'active'));
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
    await this.worker?.close();
    await inTime(this.queue.close(), CLOSE_TIMEOUT_MS).catch(() => undefined);
  }

  /** Once per outage: a backend that is down would say it with every attempt. */
  private complain(error: unknown): void {
    if (this.away || this.closing) return;
    this.away = true;
    const reason = error instanceof Error ? error.message || error.name : String(error);
    this.logger.warn(`The queue (${this.backend.name}) does not answer: ${reason}. Work waits and is taken up later.`);
  }
}

async function inTime<T>(answer: Promise<T>, milliseconds: number = ANSWER_TIMEOUT_MS): Promise<T> {
  const timer = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: timer.signal, ref: false }).then(() => {
    throw new Error(`no answer within ${milliseconds / 1000} s`);
  });
  // Whichever loses the race ends unheard.
  late.catch(() => undefined);
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    timer.abort();
  }
}
