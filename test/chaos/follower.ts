import { setTimeout as sleep } from 'node:timers/promises';
import { EventReader, type StreamedEvent } from '../support/event-reader.js';
import type { Door } from './client.js';

/** How long somebody stays at a stream who does not stay to its end, and how long they are away then, in milliseconds. */
export interface Absences {
  stays: number;
  away: number;
}

/** Follows the events of everything, and comes again wherever the stream breaks off, as an EventSource does. */
export class Follower {
  readonly seen: StreamedEvent[] = [];
  connections = 0;
  private stopped = false;
  private reader: EventReader | undefined;
  private readonly running: Promise<void>;

  /** `after`: the number from which on nothing may be missing. */
  constructor(
    private readonly door: Door,
    readonly after: number,
    private readonly absences?: Absences,
  ) {
    this.running = this.follow();
  }

  get last(): number {
    return Number(this.seen.at(-1)?.sequence ?? this.after);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.reader?.close();
    await this.running;
  }

  private async follow(): Promise<void> {
    let from = String(this.after);
    while (!this.stopped) {
      from = await this.connection(from).catch(() => from);
      await sleep(this.stopped ? 0 : (this.absences?.away ?? 20));
    }
  }

  /** Until it breaks off; gives from where to go on. */
  private async connection(from: string): Promise<string> {
    const headers = { Authorization: `Bearer ${this.door.token}`, 'Last-Event-ID': from };
    const reader = await EventReader.open(this.door.url, '', headers);
    this.reader = reader;
    if (reader.response.status === 200) this.connections += 1;
    const keep = setInterval(() => this.seen.push(...reader.events.splice(0)), 20);
    const leave = this.absences && setTimeout(() => reader.close(), this.absences.stays);
    await reader.ended;
    clearTimeout(leave);
    clearInterval(keep);
    this.seen.push(...reader.events.splice(0));
    return reader.lastId ?? from;
  }
}
