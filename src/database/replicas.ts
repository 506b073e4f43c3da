import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { DomainError } from '../domain/errors.js';
import { Prisma } from './generated/client.js';
import { Replica, type ReplicaState } from './replica.js';
import { type Primary, SeenPositions } from './seen-positions.js';
import { isLost, isUnavailable } from './unavailable.js';

const LOOK_MS = 1_000;
/** How often it is tried to note what a caller was told, where the connection to the primary breaks. */
const TRIES = 3;

/** Whoever reads. */
export interface Reader {
  user: string;
  /** Their epoch and position, where these were read with something else (`Replicas.seenBy`); null: there are none. */
  seen?: string | null | undefined;
}

export interface Answer<T> {
  result: T;
  /** Undefined: the primary has answered. */
  replica?: {
    /** At most so many milliseconds the answer is older than the primary's would have been. */
    behind: number;
  };
}

export interface ReplicaSettings {
  urls: readonly string[];
  poolSize: number;
  mostBehindSeconds: number;
}

/**
 * Reads from replicas, by one rule: **what the primary has told somebody is noted before they have it, and a replica
 * answers them only once it has all of that** (ADR 11). Each caller has one replica, the same in every process, so two of them never tell
 * the same caller more and then less; while that one cannot answer, the primary does.
 */
export class Replicas {
  private readonly logger = new Logger('Replicas');
  private readonly all: Replica[];
  private readonly positions: SeenPositions;
  private readonly stopping = new AbortController();
  private readonly looking: Promise<void>;
  /** How often, since the start, a replica has answered, or the primary in place of one. */
  readonly reads = { primary: 0, replica: 0 };

  constructor(
    { urls, poolSize, mostBehindSeconds }: ReplicaSettings,
    primary: Primary,
    /** Runs `work` so that it reads from this replica. */
    private readonly from: <T>(replica: Replica, work: () => Promise<T>) => Promise<T>,
  ) {
    this.all = urls.map((url) => new Replica(url, poolSize, mostBehindSeconds * 1000));
    this.positions = new SeenPositions(primary);
    this.looking = this.areUsed ? this.keepLooking() : Promise.resolve();
  }

  get areUsed(): boolean {
    return this.all.length > 0;
  }

  get states(): ReplicaState[] {
    return this.all.map(({ state }) => state);
  }

  /** What a statement on the primary selects for {@link Reader.seen}. */
  seenBy(user: Prisma.Sql): Prisma.Sql {
    return this.areUsed ? SeenPositions.of(user) : Prisma.sql`NULL::text`;
  }

  /** Notes that the user is about to be told what the primary holds. Call it before they are. */
  async noteSeen(user: string): Promise<void> {
    if (!this.areUsed) return;
    for (let tries = 1; ; tries++) {
      try {
        return await this.positions.note(user);
      } catch (error) {
        if (isLost(error) && tries < TRIES) continue;
        // What was done is done: whoever did it must not be told otherwise.
        if (!isUnavailable(error)) this.logger.error(error);
        return;
      }
    }
  }

  /** What `work` gives, which only reads: from the caller's replica, else from the primary. It may be run twice. */
  async read<T>(reader: Reader, work: () => Promise<T>): Promise<Answer<T>> {
    const replica = this.of(reader.user);
    if (replica?.serves) {
      const { behind } = replica;
      try {
        const seen = reader.seen === undefined ? await this.positions.find(reader.user) : reader.seen;
        if (seen !== null && (await replica.has(seen))) {
          const result = await this.from(replica, work);
          this.reads.replica += 1;
          return { result, replica: { behind } };
        }
      } catch (error) {
        if (isAnswer(error)) throw error;
        replica.noteFailure(error);
      }
    }
    this.reads.primary += 1;
    return { result: await work() };
  }

  /** By rendezvous hashing: one more replica takes callers from the others, and leaves the rest where they are. */
  private of(user: string): Replica | undefined {
    if (this.all.length < 2) return this.all[0];
    const weighed = this.all.map((replica) => ({ replica, weight: hash('sha256', `${replica.server}\n${user}`) }));
    return weighed.reduce((one, other) => (other.weight > one.weight ? other : one)).replica;
  }

  private async keepLooking(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.look();
      await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    const since = performance.now();
    try {
      const primary = await this.positions.look();
      await Promise.all(this.all.map((replica) => replica.look(primary, since)));
    } catch (error) {
      // What replicas are known to have grows old meanwhile.
      if (!isUnavailable(error)) this.logger.error(error);
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.looking;
    await Promise.all(this.all.map((replica) => replica.stop()));
  }
}

/**
 * Whether an error is what the caller is to be told, whoever is asked. What a replica does not find, it may not have yet; and
 * what it cannot do, such as a statement that its replay has cancelled, the primary can.
 */
const isAnswer = (error: unknown): boolean =>
  error instanceof DomainError && error.code !== 'notFound' && error.code !== 'unavailable';
