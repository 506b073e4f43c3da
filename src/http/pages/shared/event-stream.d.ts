import type { LinedEvent } from '../events/event-line.js';

export interface FollowedEvent extends LinedEvent {
  id: string;
  sequence: string;
}

export class StreamParser {
  lastId: string | undefined;
  take(text: string): FollowedEvent[];
  forget(): void;
}

export interface Told {
  events(events: readonly FollowedEvent[]): void;
  connected(): void;
  disconnected(why: string): void;
}

export function follow(options: {
  url: URL;
  headers: Record<string, string>;
  signal: AbortSignal;
  told: Told;
  /** Milliseconds between two connections. */
  pause?: number;
}): Promise<void>;
