import pg from 'pg';

/**
 * A pool that tells its owner which connection it hands out, and when that one comes back: Prisma takes one for each of
 * its transactions and does not tell. Statements that the pool runs by itself are not told.
 */
export class TransactionPool extends pg.Pool {
  constructor(
    options: pg.PoolConfig,
    private readonly given: (connection: pg.PoolClient) => () => void,
  ) {
    super(options);
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Parameters<pg.Pool['connect']>[0]): void;
  override connect(callback?: Parameters<pg.Pool['connect']>[0]): Promise<pg.PoolClient> | void {
    return callback ? super.connect(callback) : this.give();
  }

  private async give(): Promise<pg.PoolClient> {
    const connection = await super.connect();
    const release = connection.release.bind(connection);
    const takenBack = this.given(connection);
    connection.release = (error) => {
      takenBack();
      release(error);
    };
    return connection;
  }
}
