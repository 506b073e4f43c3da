import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Operation } from '../../database/generated/client.js';
import { isFinished } from '../../domain/operation.js';
import { EndedHere } from '../../jobs/ended-here.js';
import { OperationStore } from './operation.store.js';
import { OperationWaiter } from './operation-waiter.js';

const FASTEST_MILLISECONDS = 10;
const SLOWEST_MILLISECONDS = 250;

interface Waiting {
  id: string;
  since: number;
  wake: () => void;
}

/** Waits by looking at the rows: one query for all callers, often at first and then less so. Ends of this process it is told. */
@Injectable()
export class PollingOperationWaiter extends OperationWaiter implements OnModuleDestroy {
  private readonly waiting = new Set<Waiting>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly store: OperationStore,
    endedHere: EndedHere,
  ) {
    super();
    endedHere.listen((id) => {
      for (const entry of [...this.waiting]) if (entry.id === id) entry.wake();
    });
  }

  async wait(id: string, seconds: number): Promise<Operation | null> {
    const operation = await this.store.find(id);
    if (operation === null || isFinished(operation.state) || seconds === 0 || this.stopped) return operation;
    await this.untilWoken(id, seconds);
    return this.store.find(id);
  }

  onModuleDestroy(): void {
    this.stop();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    for (const { wake } of [...this.waiting]) wake();
  }

  private untilWoken(id: string, seconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timeUp = setTimeout(() => entry.wake(), seconds * 1000);
      const entry: Waiting = {
        id,
        since: Date.now(),
        wake: () => {
          clearTimeout(timeUp);
          this.waiting.delete(entry);
          resolve();
        },
      };
      this.waiting.add(entry);
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.timer !== undefined || this.waiting.size === 0 || this.stopped) return;
    const youngest = Math.max(...[...this.waiting].map(({ since }) => since));
    const pause = Math.min(Math.max((Date.now() - youngest) / 8, FASTEST_MILLISECONDS), SLOWEST_MILLISECONDS);
    this.timer = setTimeout(() => void this.look(), pause);
  }

  private async look(): Promise<void> {
    try {
      const ids = [...new Set([...this.waiting].map(({ id }) => id))];
      const finished = new Set(await this.store.finishedAmong(ids));
      for (const entry of [...this.waiting]) if (finished.has(entry.id)) entry.wake();
    } catch {
      // The database is away for a moment: whoever waits goes on waiting, at most until their time is up.
    } finally {
      this.timer = undefined;
      this.schedule();
    }
  }
}
