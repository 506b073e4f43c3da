import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { type Prisma, PrismaClient } from './generated/client.js';
import { rowMaker } from './row-maker.js';
import { parseTimestamp } from './timestamp.js';

/** What stores run their queries on: the root client, or the transaction that is open around them. */
export type Client = Prisma.TransactionClient;

const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (id, format) =>
    id === pg.types.builtins.TIMESTAMPTZ ? parseTimestamp : pg.types.getTypeParser(id, format),
};

interface Unit {
  client: Client;
  afterCommit: (() => void | Promise<void>)[];
}

/**
 * The only creator of PrismaClient. Transactions are ambient: `transaction` opens one and everything called inside,
 * however deep, runs in it; an inner `transaction` joins. So a service is written once and is atomic with its caller.
 */
@Injectable()
export class Database implements OnModuleDestroy {
  private readonly logger = new Logger('Database');
  private readonly pool: pg.Pool;
  private readonly root: PrismaClient;
  private readonly prepared = new Map<string, string>();
  private readonly units = new AsyncLocalStorage<Unit | undefined>();

  constructor(options: { url: string; poolSize: number }) {
    this.pool = new pg.Pool({ connectionString: options.url, max: options.poolSize });
    // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
    this.pool.on('error', () => undefined);
    this.root = new PrismaClient({ adapter: new PrismaPg(this.pool) });
  }

  get client(): Client {
    return this.units.getStore()?.client ?? this.root;
  }

  /**
   * The rows of a statement that only reads: in the transaction that is open around it, else straight from the pool,
   * which takes half the time of Prisma's way. It is planned for the very values it is given. The columns are of types
   * that both ways give alike: no bigint, no numeric.
   */
  async read<Row extends object>(statement: Prisma.Sql): Promise<Row[]> {
    return this.query(statement.text, statement, undefined);
  }

  /**
   * As {@link read}, for one of a fixed set of statements that find their rows by a key: each connection prepares it
   * once, with one plan for all values, which saves more than finding the rows takes.
   */
  async readByKey<Row extends object>(statement: Prisma.Sql): Promise<Row[]> {
    const { text } = statement;
    const name = this.prepared.get(text) ?? `read_${this.prepared.size}`;
    this.prepared.set(text, name);
    return this.query(text, statement, name);
  }

  /** Runs one statement that writes: in the transaction that is open around it, else by itself, straight from the pool. */
  async write(statement: Prisma.Sql): Promise<void> {
    await this.query(statement.text, statement);
  }

  private async query<Row extends object>(text: string, statement: Prisma.Sql, name?: string): Promise<Row[]> {
    const unit = this.units.getStore();
    if (unit) return unit.client.$queryRaw<Row[]>(statement);
    const query = { name, text, values: statement.values, types: TYPES, rowMode: 'array' as const };
    const { fields, rows } = await this.pool.query<unknown[]>(query);
    const makeRow = rowMaker(fields.map((field) => field.name));
    return rows.map(makeRow) as Row[];
  }

  /** Runs `work` in a transaction and returns what it returns; what it throws rolls everything back. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    if (this.units.getStore()) return work();
    const afterCommit: Unit['afterCommit'] = [];
    const result = await this.root.$transaction((client) => this.units.run({ client, afterCommit }, work), {
      timeout: 60_000,
      maxWait: 15_000,
    });
    for (const action of afterCommit) {
      try {
        await action();
      } catch (error) {
        // The change is stored: whoever made it must not be told otherwise.
        this.logger.warn(error);
      }
    }
    return result;
  }

  /** Runs `work` as {@link transaction} does, then rolls back and returns what it returned: a rehearsal. */
  async rehearse<T>(work: () => Promise<T>): Promise<T> {
    const rollback = Symbol('rollback');
    let result: T | undefined;
    try {
      await this.transaction(async () => {
        result = await work();
        throw rollback;
      });
    } catch (error) {
      if (error !== rollback) throw error;
    }
    return result as T;
  }

  /** Runs `work` outside of the transaction that is open around it: it stays done, whatever becomes of that one. */
  async apart<T>(work: () => Promise<T>): Promise<T> {
    return this.units.run(undefined, work);
  }

  /** Runs `action` once the open transaction has committed (never after a rollback); at once where none is open. */
  async afterCommit(action: () => void | Promise<void>): Promise<void> {
    const unit = this.units.getStore();
    if (unit) unit.afterCommit.push(action);
    else await action();
  }

  async onModuleDestroy(): Promise<void> {
    await this.root.$disconnect();
    // Called by the framework and by whoever opened it.
    if (!this.pool.ending) await this.pool.end();
  }
}
