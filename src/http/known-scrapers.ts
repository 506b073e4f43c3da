import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../access/caller.js';
import { fromDatabase } from '../database/database-error.js';

const PATIENCE_MS = 1_000;
const KNOWN_MS = 60 * 60 * 1_000;
const MOST = 100;

/**
 * Lets those go on reading the metrics who were let in within the last hour, while the database that knows them does not
 * answer: that is when the metrics are needed. Whoever it refuses is forgotten.
 */
export class KnownScrapers {
  private readonly known = new Map<string, { caller: Caller; until: number }>();

  /** `credentials` as they were sent; `judge` asks the database, and throws where it refuses. */
  async admit(credentials: string, judge: () => Promise<Caller>): Promise<Caller> {
    const key = hash('sha256', credentials, 'hex');
    const { caller: known, until = 0 } = this.known.get(key) ?? {};
    const judging = judge();
    if (known === undefined || until < Date.now()) return this.note(key, await judging);
    judging.catch(() => undefined);
    try {
      const caller = await Promise.race([judging, sleep(PATIENCE_MS, undefined, { ref: false })]);
      return caller === undefined ? known : this.note(key, caller);
    } catch (error) {
      if (fromDatabase(error)?.code === 'unavailable') return known;
      this.known.delete(key);
      throw error;
    }
  }

  private note(key: string, caller: Caller): Caller {
    if (this.known.size >= MOST) this.known.clear();
    this.known.set(key, { caller, until: Date.now() + KNOWN_MS });
    return caller;
  }
}
