import type { EventData } from '../../src/events/event-data.js';

/** An event as it comes in a stream. */
export interface StreamedEvent {
  sequence: string;
  type: string;
  subject: string;
  actor: string | null;
  data: EventData;
}

/** Follows `/api/v1/events` as text/event-stream does, and keeps what came. */
export class EventReader {
  readonly events: StreamedEvent[] = [];
  /** All that came, comments included. */
  text = '';
  /** What to go on from. */
  lastId: string | undefined;
  /** How it broke off; undefined where it ended as a whole answer does. */
  fault: unknown;
  /** Resolved when the answer has ended, however that was. */
  readonly ended: Promise<void>;
  private readonly aborting = new AbortController();
  private waiting: (() => void)[] = [];

  private constructor(readonly response: Response) {
    this.ended = this.read().catch((error: unknown) => {
      this.fault = error;
    });
  }

  static async open(url: string, query = '', headers: Record<string, string> = {}): Promise<EventReader> {
    const aborting = new AbortController();
    const response = await fetch(`${url}/api/v1/events${query}`, {
      headers: { Accept: 'text/event-stream', ...headers },
      signal: aborting.signal,
    });
    const reader = new EventReader(response);
    aborting.signal.addEventListener('abort', () => undefined);
    reader.aborting.signal.addEventListener('abort', () => aborting.abort());
    return reader;
  }

  close(): void {
    this.aborting.abort();
  }

  /** Waits until `holds`, for ten seconds at most. */
  async until(holds: (events: readonly StreamedEvent[]) => boolean, milliseconds = 10_000): Promise<StreamedEvent[]> {
    const end = Date.now() + milliseconds;
    while (!holds(this.events)) {
      if (Date.now() > end) throw new Error(`Not seen: ${JSON.stringify(this.events.map(({ type }) => type))}`);
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
        setTimeout(resolve, 100);
      });
    }
    return this.events;
  }

  private async read(): Promise<void> {
    if (!this.response.body) return;
    const decoder = new TextDecoder();
    let left = '';
    for await (const bytes of this.response.body) {
      const text = decoder.decode(bytes, { stream: true });
      this.text += text;
      const blocks = (left + text).split('\n\n');
      left = blocks.pop() ?? '';
      for (const block of blocks) this.take(block);
      for (const wake of this.waiting.splice(0)) wake();
    }
  }

  private take(block: string): void {
    for (const line of block.split('\n')) {
      if (line.startsWith('id: ')) this.lastId = line.slice(4);
      if (line.startsWith('data: ')) this.events.push(JSON.parse(line.slice(6)) as StreamedEvent);
    }
  }
}
