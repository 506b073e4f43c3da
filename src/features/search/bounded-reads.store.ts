import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';

const TIMEOUT_MS = 5_000;
/** PostgreSQL's `query_canceled`. */
const CANCELED = '57014';

/** Statements that users make up: each runs in a transaction of its own, and no longer than five seconds. */
@Injectable()
export class BoundedReads {
  constructor(private readonly database: Database) {}

  async read<Row extends object>(statement: Prisma.Sql): Promise<Row[]> {
    try {
      return await this.database.apart(() =>
        this.database.transaction(async () => {
          // Compiling a statement takes longer than running it.
          await this.database.readByKey(Prisma.sql`
            SELECT set_config('statement_timeout', ${String(TIMEOUT_MS)}, true), set_config('jit', 'off', true)`);
          return this.database.read<Row>(statement);
        }),
      );
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
