import pg from 'pg';
import type { Outage } from './outage.js';
import { Pulse } from './pulse.js';

/** Connections at work and without, and how many callers wait for one. */
export interface PoolUse {
  busy: number;
  idle: number;
  waiting: number;
}

/**
 * A pool that tells its owner which connection it hands out, and when that one comes back: Prisma takes one for each of
 * its transactions and does not tell. Statements that the pool runs by itself are not told.
 */
export class TransactionPool extends pg.Pool {
  constructor(
    options: pg.PoolConfig & { connectionString: string },
    private readonly given: (connection: pg.PoolClient) => () => void,
    private readonly outage: Outage,
  ) {
    const pulse = new Pulse(options.connectionString, {
      hangs: (error) => outage.noteFailure(error),
      answers: () => outage.noteConnection(),
    });
    super({ ...options, Client: pulse.client });
    this.on('connect', () => outage.noteConnection());
  }

  get use(): PoolUse {
    const { totalCount, idleCount: idle, waitingCount: waiting } = this;
    return { busy: totalCount - idle, idle, waiting };
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Parameters<pg.Pool['connect']>[0]): void;
  override connect(callback?: Parameters<pg.Pool['connect']>[0]): Promise<pg.PoolClient> | void {
    if (!callback) return this.give();
    super.connect((error, connection, release) => {
      if (error) this.outage.noteFailure(error);
      callback(error, connection, release);
    });
  }

  private async give(): Promise<pg.PoolClient> {
    const connection = await super.connect().catch((error: unknown) => {
      this.outage.noteFailure(error);
      throw error;
    });
    const release = connection.release.bind(connection);
    const takenBack = this.given(connection);
    connection.release = (error) => {
      takenBack();
      release(error);
    };
    return connection;
  }
}
