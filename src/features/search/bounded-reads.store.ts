import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Prisma } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';

/** Compiling a statement takes longer than running it. */
const SETTINGS = { statement_timeout: '5s', jit: 'off' };
/** PostgreSQL's `query_canceled`. */
const CANCELED = '57014';

/** Statements that users make up: none runs longer than five seconds. */
@Injectable()
export class BoundedReads {
  private readonly transactions = new AsyncLocalStorage<true>();

  constructor(private readonly database: Database) {}

  /** In the transaction of {@link togetherAfter}; by itself in one of its own. */
  async read<Row extends object>(statement: Prisma.Sql): Promise<Row[]> {
    const read = () => this.database.read<Row>(statement);
    return this.transactions.getStore() ? read() : (await this.togetherAfter(undefined, read)).result;
  }

  /**
   * What is read in `work` costs one transaction. `first` is a statement without values: PostgreSQL runs it as the transaction
   * begins, and its rows are given beside what `work` returns.
   */
  async togetherAfter<T>(
    first: string | undefined,
    work: () => Promise<T>,
  ): Promise<{ result: T; first: readonly object[] }> {
    try {
      return await this.database.readTogether(SETTINGS, () => this.transactions.run(true, work), first);
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
