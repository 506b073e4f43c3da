import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../support/random.js';

/** Somebody who does one thing at a time, each decided by a generator of its own. */
export interface Actor {
  act(): Promise<void>;
}

/** An actor, and how often its turn comes. */
export interface Part {
  kind: string;
  weight: number;
  actor: Actor;
}

export interface Limits {
  acts: number;
  /** Milliseconds since the epoch. */
  until: number;
}

/** So many acts go on at a time. */
const LANES = 10;
const LONGEST_PAUSE_MS = 40;

/**
 * The acts of all actors in one order that the seed decides; each actor does its own one after the other. A prefix of the
 * order is what `--acts` gives.
 */
export class Schedule {
  acts = 0;
  /** What acts threw: actors take every answer of the service for one that may come. */
  readonly faults: string[] = [];
  readonly counts: Record<string, number> = {};
  private readonly turns = new Map<Actor, Promise<void>>();
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly parts: readonly Part[],
    private readonly random: Random,
  ) {}

  async run({ acts, until }: Limits): Promise<void> {
    const weights = Object.fromEntries(this.parts.map(({ weight }, index) => [String(index), weight]));
    while (this.acts < acts && Date.now() < until) {
      const part = this.parts[Number(this.random.weighted(weights))];
      const pause = this.random.between(0, LONGEST_PAUSE_MS);
      if (part) this.begin(part);
      await sleep(pause);
      if (this.running.size >= LANES) await Promise.race(this.running);
    }
    await Promise.all(this.running);
  }

  private begin({ kind, actor }: Part): void {
    this.acts += 1;
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    const number = this.acts;
    const before = this.turns.get(actor) ?? Promise.resolve();
    const turn = before
      .then(() => actor.act())
      .catch((error: unknown) => {
        this.faults.push(`act ${number} (${kind}) threw ${error instanceof Error ? error.stack : String(error)}`);
      })
      .finally(() => this.running.delete(turn));
    this.turns.set(actor, turn);
    this.running.add(turn);
  }
}
