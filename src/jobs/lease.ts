import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { joinSignals } from '../async/join-signals.js';
import { Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { Prisma } from '../database/generated/client.js';

/** Raised where work goes on after the lease was lost; the work's transaction rolls back and another worker redoes it. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/** The right to work in one scope, until `release` or until it is no longer renewed. */
export interface Lease {
  /** Aborts when the lease could not be renewed. */
  readonly signal: AbortSignal;
  /** An SQL condition: true while the lease holds. For statements that are harmless when another worker makes them too. */
  readonly held: Prisma.Sql;
  /**
   * Throws LeaseLostError unless the lease still holds; inside a transaction it goes on holding until the commit. One that
   * was lost stays lost: work was broken off, and a renewal that was held up on its way does not mend that.
   */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
}

/** Leases are rows with an expiry on the database's clock, so a killed worker's lease ends by itself. */
@Injectable()
export class Leases {
  private readonly logger = new Logger(Leases.name);

  constructor(
    private readonly database: Database,
    private readonly config: Config,
  ) {}

  /** Null while another worker holds the scope. */
  async acquire(scopeId: string): Promise<Lease | null> {
    const holder = randomUUID();
    // Whoever gives a lease back deletes it: one that was there has run out.
    const [taken] = await this.database.client.$queryRaw<{ takenOver: boolean }[]>`
      INSERT INTO lease (scope_id, holder, expires_at)
      VALUES (${scopeId}::uuid, ${holder}::uuid, now() + make_interval(secs => ${this.config.leaseSeconds}))
      ON CONFLICT (scope_id) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
      WHERE lease.expires_at < now() RETURNING xmax <> 0 AS "takenOver"`;
    if (taken?.takenOver) {
      const message =
        'Work is taken over whose lease has run out: the worker that had it was killed, hangs, or had lost the database.';
      this.logger.warn({ message, scopeId });
    }
    return taken ? this.hold(scopeId, holder) : null;
  }

  private hold(scopeId: string, holder: string): Lease {
    const lost = new AbortController();
    const timer = setInterval(() => void this.renew(scopeId, holder, lost), (this.config.leaseSeconds * 1000) / 3);
    return {
      signal: lost.signal,
      held: Prisma.sql`EXISTS (SELECT 1 FROM lease WHERE scope_id = ${scopeId}::uuid
        AND holder = ${holder}::uuid AND expires_at > now())`,
      assertHeld: async () => {
        lost.signal.throwIfAborted();
        const rows = await this.database.client.$queryRaw<unknown[]>`
          SELECT 1 FROM lease WHERE scope_id = ${scopeId}::uuid AND holder = ${holder}::uuid
          AND expires_at > now() FOR SHARE`;
        if (rows.length === 0) throw new LeaseLostError(`The lease on ${scopeId} was lost.`);
      },
      release: async () => {
        clearInterval(timer);
        await this.database.client.$executeRaw`
          DELETE FROM lease WHERE scope_id = ${scopeId}::uuid AND holder = ${holder}::uuid`;
      },
    };
  }

  private async renew(scopeId: string, holder: string, lost: AbortController): Promise<void> {
    try {
      const renewed = await this.database.client.$executeRaw`
        UPDATE lease SET expires_at = now() + make_interval(secs => ${this.config.leaseSeconds})
        WHERE scope_id = ${scopeId}::uuid AND holder = ${holder}::uuid AND expires_at > now()`;
      if (renewed === 0) lost.abort(new LeaseLostError('The lease ran out.'));
    } catch {
      // The database is away: the next renewal tries again, and assertHeld decides before anything is written.
    }
  }
}

/** The lease, given up as well once its worker is to stop. */
export function interruptible(lease: Lease, stopping: AbortSignal): Lease {
  const { signal, leave } = joinSignals(lease.signal, stopping);
  const release = async () => {
    leave();
    await lease.release();
  };
  return { signal, held: lease.held, assertHeld: () => lease.assertHeld(), release };
}
