import { Readable } from 'node:stream';
import type { EventRow } from '../../events/event.store.js';

/** How much may wait for a reader who does not keep up; then it is let go, and comes again from where it is. */
const MOST_WAITING = 10_000;
const KEEP_ALIVE_MS = 15_000;

/** What goes to a reader: events, or how far it is where for a while there were none. */
export type Portion = { events: readonly EventRow[] } | { reached: number | undefined };

/** The events that wait for one reader, in the order of their numbers. */
export class EventStream {
  private waiting: EventRow[] = [];
  private ended = false;
  private wake: () => void = () => undefined;

  constructor(
    /** Whether an event is for this reader. */
    private readonly wants: (event: EventRow) => boolean,
    /** A number up to which all events were offered, if that is known. */
    private readonly reached: () => number | undefined,
  ) {}

  get hasEnded(): boolean {
    return this.ended;
  }

  offer(events: readonly EventRow[]): void {
    const wanted = events.filter((event) => this.wants(event));
    if (wanted.length === 0) return;
    this.waiting.push(...wanted);
    if (this.waiting.length > MOST_WAITING) this.end();
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.waiting = [];
    this.wake();
  }

  /** Ends with the stream. */
  async *portions(): AsyncGenerator<Portion> {
    while (!this.ended) {
      if (this.waiting.length === 0) await this.pause();
      if (this.ended) return;
      const events = this.waiting;
      this.waiting = [];
      yield events.length > 0 ? { events } : { reached: this.reached() };
    }
  }

  private async pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, KEEP_ALIVE_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => undefined;
  }
}

/** The text of a stream, made as fast as it is taken. `onClosed` is called when its reader is gone, or it has ended. */
export class StreamText extends Readable {
  constructor(
    private readonly texts: AsyncGenerator<string>,
    private readonly onClosed: () => void,
  ) {
    super();
  }

  override _read(): void {
    this.texts.next().then(
      ({ done, value }) => this.push(done ? null : value),
      (error: Error) => this.destroy(error),
    );
  }

  // Told at once, while the generator may still wait for the next event.
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.onClosed();
    done(error);
  }
}
