import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client.js';
import { applicationName, serverOf } from './connect.js';
import { Pulse } from './pulse.js';
import type { PrimaryState } from './seen-positions.js';
import { isLost } from './unavailable.js';

/** A replica that takes longer to answer a look, or to take a connection, is left out. */
const PATIENCE_MS = 1_000;
/** The replica cancels a statement that waits so long for a lock, as the replay of a migration holds one; the primary then runs it. */
const LOCK_MS = 500;
/** How long a caller who is ahead of the replica waits for it before the primary is asked, in steps. */
const WAITS_MS = [3, 6, 12];
/** So long after a caller has waited in vain for the replica to catch up, the others go to the primary at once. */
const VAIN_MS = 1_000;
/** All connections of the pool are at work. */
const BUSY = /^timeout exceeded/;

/** What metrics tell of a replica. */
export interface ReplicaState {
  /** Host, port and database. */
  server: string;
  serves: boolean;
  /** At most so many seconds it is behind the primary; null where that is not known. */
  lagSeconds: number | null;
}

interface Look {
  standby: boolean;
  follows: boolean;
  position: string | null;
  migration: string | null;
  /** How many of the positions that are waited for it has come to. */
  reached: number;
}

/** A standby of the primary that may be read, for as long as it is known to be well. */
export class Replica {
  readonly server: string;
  readonly pool: pg.Pool;
  readonly client: PrismaClient;
  private readonly looks: pg.Pool;
  private readonly logger = new Logger('Replicas');
  /** Why it is left out; null: it serves. */
  private fault: string | null = 'catches up';
  /** It has all that could be read of the primary at this moment of this process' clock. */
  private asOf = -Infinity;
  /** Positions of the primary that it has yet to come to, and since when they were the primary's, the oldest first. */
  private ahead: { since: number; position: string }[] = [];
  /** The furthest that it was seen to be: after a crash it can be behind that for a while. */
  private furthest = '0/0';
  private vainAt = -Infinity;

  constructor(
    url: string,
    poolSize: number,
    /** So many milliseconds it may be behind. */
    private readonly mostBehind: number,
  ) {
    this.server = serverOf(url);
    const pulse = new Pulse(url, { hangs: (error) => this.leaveOut(reasonOf(error)), answers: () => undefined });
    const settings = { connectionString: url, connectionTimeoutMillis: PATIENCE_MS };
    this.pool = new pg.Pool({
      ...settings,
      max: poolSize,
      application_name: applicationName('reads'),
      lock_timeout: LOCK_MS,
      // As the primary's.
      pipeline: true,
      Client: pulse.client,
    });
    this.looks = new pg.Pool({
      ...settings,
      max: 1,
      application_name: applicationName('looks'),
      query_timeout: PATIENCE_MS,
    });
    for (const pool of [this.pool, this.looks]) pool.on('error', () => undefined);
    this.client = new PrismaClient({ adapter: new PrismaPg(this.pool) });
  }

  get state(): ReplicaState {
    const lag = performance.now() - this.asOf;
    return {
      server: this.server,
      serves: this.serves,
      lagSeconds: this.fault !== null || lag === Infinity ? null : lag / 1000,
    };
  }

  get serves(): boolean {
    return this.fault === null && this.behind <= this.mostBehind;
  }

  /** At most so many milliseconds what it answers now is older than what the primary would. */
  get behind(): number {
    return performance.now() - this.asOf;
  }

  /** Whether it has all that the caller has seen, whose epoch and position `seen` is. */
  async has(seen: string): Promise<boolean> {
    const waits = performance.now() - this.vainAt < VAIN_MS ? [] : WAITS_MS;
    let found = await this.reaches(seen);
    for (const wait of waits) {
      if (found !== 'not yet') break;
      await sleep(wait);
      found = await this.reaches(seen);
    }
    if (found === 'not yet' && waits.length > 0) this.vainAt = performance.now();
    return found === 'yes';
  }

  private async reaches(seen: string): Promise<'yes' | 'not yet' | 'never'> {
    const { rows } = await this.pool.query<{ follows: boolean; reached: boolean; position: string }>({
      name: 'reaches',
      text: `SELECT pg_is_in_recovery() AND EXISTS (SELECT 1 FROM replica_epoch WHERE epoch = $1::uuid) AS follows,
        pg_last_wal_replay_lsn() >= GREATEST($2::pg_lsn, $3::pg_lsn) AS reached, pg_last_wal_replay_lsn()::text AS position`,
      values: [...seen.split(' '), this.furthest],
    });
    const [row] = rows;
    if (!row?.follows) return 'never';
    if (!row.reached) return 'not yet';
    this.furthest = row.position;
    return 'yes';
  }

  /** Looks whether it is well. `since`: when the primary was asked for its state. */
  async look(primary: PrimaryState, since: number): Promise<void> {
    this.ahead.push({ since, position: primary.position });
    try {
      const { rows } = await this.looks.query<Look>({
        name: 'look',
        text: `SELECT pg_is_in_recovery() AS standby, pg_last_wal_replay_lsn()::text AS position,
          EXISTS (SELECT 1 FROM replica_epoch WHERE epoch = $1::uuid) AS follows,
          (SELECT max(migration_name) FROM _prisma_migrations WHERE finished_at IS NOT NULL) AS migration,
          (SELECT count(*)::int FROM unnest($2::pg_lsn[]) p WHERE p <= pg_last_wal_replay_lsn()) AS reached`,
        values: [primary.epoch, this.ahead.map(({ position }) => position)],
      });
      const fault = rows[0] ? this.judge(rows[0], primary) : 'does not answer';
      if (fault !== null) return this.leaveOut(fault);
      this.noteReached(rows[0]?.reached ?? 0);
    } catch (error) {
      this.leaveOut(reasonOf(error));
    }
  }

  private judge({ standby, follows, migration }: Look, primary: PrimaryState): string | null {
    if (!standby) return 'is no standby';
    if (!follows) return 'does not follow this primary, or is not as far as its last start';
    return migration === primary.migration ? null : 'has the tables of another version';
  }

  /** It has come to so many of the positions that are ahead. */
  private noteReached(count: number): void {
    this.asOf = this.ahead[count - 1]?.since ?? this.asOf;
    this.ahead.splice(0, count);
    // To come to these would not make it serve.
    while (this.ahead.length > 1 && performance.now() - (this.ahead[0]?.since ?? 0) > this.mostBehind)
      this.ahead.shift();
    if (this.behind === Infinity) this.say('catches up');
    else if (this.behind > this.mostBehind) this.say(`is more than ${this.mostBehind / 1000} s behind`);
    else this.say(null);
  }

  /** Told of what has failed when it was read from. */
  noteFailure(error: unknown): void {
    if (isLost(error) && !BUSY.test((error as Error).message)) this.leaveOut(reasonOf(error));
  }

  /** Until it has all that the primary holds by then: nobody is shown less than before. */
  private leaveOut(fault: string): void {
    this.say(fault);
    this.asOf = -Infinity;
    this.ahead = [];
  }

  private say(fault: string | null): void {
    if (this.fault === fault) return;
    this.fault = fault;
    if (fault === null) this.logger.log(`The replica at ${this.server} serves reads.`);
    else this.logger.warn(`The replica at ${this.server} ${fault}: what it would answer is read from the primary.`);
  }

  async stop(): Promise<void> {
    await this.client.$disconnect();
    for (const pool of [this.pool, this.looks]) if (!pool.ending) await pool.end();
  }
}

/** A host name may have several addresses: where all fail, Node throws one error without a message, but with a code. */
function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return `does not answer (${message || code || 'no reason'})`;
}
