import pg from 'pg';

/**
 * Tells which connection it gives to whoever connects, and when that one comes back: Prisma, which takes one for each of
 * its transactions, does not. Statements of the pool's own go unmentioned.
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
