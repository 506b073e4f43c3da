import type { Logger } from '@nestjs/common';

/** A part that takes longer than this to close is named in the log, in milliseconds. */
const SLOW_MS = 1_000;

/** What a process has opened, and how each part is closed: the last first. */
export class OpenedParts {
  private readonly parts: { name: string; close: () => Promise<void> }[] = [];

  constructor(private readonly log: Pick<Logger, 'log'>) {}

  add(name: string, close: () => Promise<void>): void {
    this.parts.push({ name, close });
  }

  /** Closes what is open; says in the log for what it waited long. */
  async close(): Promise<void> {
    for (let part = this.parts.pop(); part; part = this.parts.pop()) {
      const begun = performance.now();
      await part.close();
      const took = performance.now() - begun;
      if (took > SLOW_MS) this.log.log(`Stopping waited ${(took / 1000).toFixed(1)} s for ${part.name}.`);
    }
  }
}
