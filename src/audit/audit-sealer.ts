import { Injectable, Logger } from '@nestjs/common';
import { RegularTurns } from '../async/regular-turns.js';
import { Database } from '../database/database.js';
import { isLost } from '../database/unavailable.js';
import { lineOf } from '../domain/message-of.js';
import { linkHash, ORIGIN } from './chain.js';
import { ChainStore } from './chain.store.js';

const BATCH = 500;
const PAUSE_MS = 1_000;
/** Pauses while nothing waits grow up to this: what a process leaves that ends before it has linked its entries is found then. */
const LONGEST_PAUSE_MS = 30_000;

/**
 * Links entries into the chain a moment after they were committed, so that no change has to wait for another to take its
 * place in it. Each entry is noted as pending by the very transaction that writes it, and is pending until a link covers
 * it: none can be missed, however late its transaction commits, and finding those that wait costs the same however
 * large the log is. Runs in every process; one links at a time.
 */
@Injectable()
export class AuditSealer {
  private readonly logger = new Logger(AuditSealer.name);
  private readonly turns = new RegularTurns(() => this.takeTurn(), PAUSE_MS, LONGEST_PAUSE_MS);

  constructor(
    private readonly database: Database,
    private readonly store: ChainStore,
  ) {}

  start(): void {
    this.turns.start();
  }

  /** Call it once entries were committed: they are linked within a second. */
  within(): void {
    this.turns.within();
  }

  /** Links what is there, and ends. */
  async stop(): Promise<void> {
    await this.turns.stop();
    await this.takeTurn();
  }

  /** Links every entry that waits, unless another process is at it; gives how many. */
  async seal(): Promise<number> {
    for (let total = 0; ;) {
      if (!(await this.store.hasPending())) return total;
      const linked = await this.database.transaction(() => this.sealBatch());
      total += linked;
      if (linked < BATCH) return total;
    }
  }

  private async sealBatch(): Promise<number> {
    if (!(await this.store.tryLock())) return 0;
    // Asked for after the lock was taken: whoever had it before has committed.
    const head = await this.store.head();
    const entries = await this.store.pending(BATCH);
    if (entries.length === 0) return 0;
    let previous = head === null ? ORIGIN : Buffer.from(head.hash, 'hex');
    const first = (head?.sequence ?? 0) + 1;
    const links = entries.map((entry, index) => {
      const hash = linkHash(previous, entry);
      previous = hash;
      return { sequence: first + index, entryId: entry.id, hash: hash.toString('hex') };
    });
    await this.store.append(links);
    return links.length;
  }

  private async takeTurn(): Promise<boolean> {
    try {
      return (await this.seal()) > 0;
    } catch (error) {
      if (!isLost(error)) this.logger.warn(`Audit entries wait for their links: ${lineOf(error)}; tried again.`);
      return true;
    }
  }
}
