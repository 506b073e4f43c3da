import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';

const TIMEOUT_MS = 5_000;
/** PostgreSQL's `query_canceled`. */
const CANCELED = '57014';

/** Statements that users make up: none runs longer than five seconds. */
@Injectable()
export class BoundedReads {
  private readonly transactions = new AsyncLocalStorage<true>();

  constructor(private readonly database: Database) {}

  /** In the transaction of {@link together}; by itself in one of its own. */
  async read<Row extends object>(statement: Prisma.Sql): Promise<Row[]> {
    return this.together(() => this.database.read<Row>(statement));
  }

  /** What is read in `work` costs one transaction. */
  async together<T>(work: () => Promise<T>): Promise<T> {
    if (this.transactions.getStore()) return work();
    const begin = async () => {
      // Compiling a statement takes longer than running it.
      await this.database.readByKey(Prisma.sql`
        SELECT set_config('statement_timeout', ${String(TIMEOUT_MS)}, true), set_config('jit', 'off', true)`);
      return this.transactions.run(true, work);
    };
    try {
      return await this.database.apart(() => this.database.transaction(begin));
    } catch (error) {
      if ((error as { code?: unknown }).code !== CANCELED) throw error;
      throw new DomainError(
        'queryTooExpensive',
        'The search took longer than 5 seconds. Narrow it: by `kind` and `name`, a label or an equal value of the object, ' +
          'or by the repository, target or package.',
      );
    }
  }
}
