import { Logger } from '@nestjs/common';
import { serverOf } from './connect.js';
import { isLost } from './unavailable.js';

/**
 * Says once that the server is away, and once that it is back, whichever part of the process notices first. Those whose
 * work fails meanwhile leave errors that {@link isLost} knows to it.
 */
export class Outage {
  private readonly logger = new Logger('Database');
  private readonly server: string;
  private away = false;

  constructor(url: string) {
    this.server = serverOf(url);
  }

  /** Called when a connection could not be made. */
  noteFailure(error: unknown): void {
    if (this.away || !isLost(error)) return;
    this.away = true;
    // A host name may have several addresses. Where all fail, Node throws one AggregateError without a message, but with a code.
    const { message, code } = error as { message?: string; code?: string };
    this.logger.warn(
      `PostgreSQL at ${this.server} does not answer: ${message || code}. It is tried again by itself; until it answers, ` +
        'requests are answered with 503, and work waits.',
    );
  }

  /** Called when a connection was made. */
  noteConnection(): void {
    if (!this.away) return;
    this.away = false;
    this.logger.log(`PostgreSQL at ${this.server} answers again.`);
  }
}
