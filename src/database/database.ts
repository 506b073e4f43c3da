import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { type Prisma, PrismaClient } from './generated/client.js';
import { applicationName } from './connect.js';
import type { DatabaseSettings } from './database-settings.js';
import { Listener } from './listener.js';
import { Outage } from './outage.js';
import { Replicas } from './replicas.js';
import { type Answer, runStatement } from './run-statement.js';
import { type PoolUse, TransactionPool } from './transaction-pool.js';
import { type Client, mayWrite, newUnit, partOf, readsFrom, undone, type Unit } from './unit.js';

const NO_REPLICAS = { urls: [], mostBehindSeconds: 0 };

/**
 * The way to the primary, and to its replicas. Transactions are ambient: `transaction` opens one and everything called inside,
 * however deep, runs in it; an inner `transaction` joins. So a service is written once and is atomic with its caller.
 */
@Injectable()
export class Database implements OnModuleDestroy {
  private readonly logger = new Logger('Database');
  private readonly pool: TransactionPool;
  private readonly root: PrismaClient;
  private readonly prepared = new Map<string, string>();
  private readonly units = new AsyncLocalStorage<Unit | undefined>();
  readonly replicas: Replicas;

  constructor(private readonly options: DatabaseSettings) {
    const given = (connection: pg.PoolClient) => {
      const unit = this.units.getStore();
      if (unit) unit.connection = connection;
      return () => {
        if (unit) unit.connection = undefined;
      };
    };
    const name = applicationName(options.part ?? 'database');
    // Pipelined: a statement is sent before the one before it is answered, as the first of a read is behind its beginning.
    const settings = { connectionString: options.url, max: options.poolSize, application_name: name, pipeline: true };
    this.pool = new TransactionPool(settings, given, new Outage(options.url));
    // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
    this.pool.on('error', () => undefined);
    this.root = new PrismaClient({ adapter: new PrismaPg(this.pool) });
    const { poolSize, replicas = NO_REPLICAS } = options;
    const primary = {
      read: <Row extends object>(statement: Prisma.Sql) => this.apart(() => this.readByKey<Row>(statement)),
      write: (statement: Prisma.Sql) => this.apart(() => this.write(statement)),
    };
    this.replicas = new Replicas({ ...replicas, poolSize }, primary, (replica, work) =>
      this.units.run(readsFrom(replica), work),
    );
  }

  get client(): Client {
    const unit = this.units.getStore();
    if (unit === undefined) return this.root;
    // Prisma's own statements would run beside the transaction, and stay where that is rolled back.
    if (unit.client === undefined) throw new Error('This transaction only reads.');
    return unit.client;
  }

  /**
   * The rows of a statement that only reads: in the transaction that is open around it, else by itself. It goes straight
   * to pg, which takes half the time of Prisma's way (ADR 10), and is planned for the very values it is given. The columns are of
   * types that both ways give alike: no bigint, no numeric.
   */
  async read<Row extends object>(statement: Prisma.Sql): Promise<Row[]> {
    return (await this.query<Row>(statement, undefined)).rows;
  }

  /**
   * As {@link read}, for one of a fixed set of statements that find their rows by a key: each connection prepares it
   * once, with one plan for all values, which saves more than finding the rows takes.
   */
  async readByKey<Row extends object>(statement: Prisma.Sql): Promise<Row[]> {
    return (await this.query<Row>(statement, this.nameOf(statement))).rows;
  }

  /**
   * Runs one of a fixed set of statements that write: in the transaction that is open around it, else by itself. It is
   * prepared as with {@link readByKey}. Gives how many rows it wrote.
   */
  async write(statement: Prisma.Sql): Promise<number> {
    return (await this.query(statement, this.nameOf(statement))).rowCount ?? 0;
  }

  private async query<Row extends object>(statement: Prisma.Sql, name: string | undefined): Promise<Answer<Row>> {
    const unit = this.units.getStore();
    const place = unit ? (unit.connection ?? (unit.client && unit.replica?.pool)) : this.pool;
    // Prisma has rolled it back meanwhile, and its connection may be at somebody else's work.
    if (!place) throw new Error('The transaction has ended already.');
    return runStatement(place, statement, name);
  }

  /** None where the next statement may come to another connection, to which the name would be unknown, or another's. */
  private nameOf({ text }: Prisma.Sql): string | undefined {
    const { url, directUrl = url } = this.options;
    if (directUrl !== url) return undefined;
    const name = this.prepared.get(text) ?? `statement_${this.prepared.size}`;
    this.prepared.set(text, name);
    return name;
  }

  /** Runs `work` in a transaction and returns what it returns; what it throws rolls everything back. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    const around = this.units.getStore();
    if (around?.replica) throw new Error('A replica takes no changes.');
    if (around) return work();
    const unit = newUnit();
    const begin = async (client: Client) => {
      unit.client = client;
      const result = await work();
      // A writer may gather items for another writer, or for one that was called already.
      for (let [next] = unit.gathered; next !== undefined; [next] = unit.gathered) {
        unit.gathered.delete(next[0]);
        await next[0](next[1] as never[]);
      }
      return result;
    };
    const options = { timeout: 60_000, maxWait: 15_000 };
    const result = await this.units.run(unit, () => this.root.$transaction(begin, options));
    for (const action of unit.afterCommit) {
      try {
        await action();
      } catch (error) {
        // The change is stored: whoever made it must not be told otherwise.
        this.logger.warn(error);
      }
    }
    return result;
  }

  /**
   * Runs `work`, which only reads by {@link read} and {@link readByKey}, in a transaction of its own for which `settings`
   * hold. Nobody waits for its beginning, right behind which the first statement of `work` is sent, nor for its end.
   * `first`, a statement without values, goes along with the beginning; its rows are given beside what `work` returns.
   */
  async readTogether<T>(
    settings: Readonly<Record<string, string>>,
    work: () => Promise<T>,
    first?: string,
  ): Promise<{ result: T; first: readonly object[] }> {
    const replica = this.units.getStore()?.replica;
    const unit: Unit = { ...newUnit(), replica };
    return this.units.run(unit, async () => {
      const connection = await (replica?.pool ?? this.pool).connect();
      unit.connection = connection;
      const set = Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = ${pg.escapeLiteral(value)}`);
      try {
        const begin = connection.query(['BEGIN READ ONLY', ...set, ...(first ? [first] : [])].join('; '));
        const [begun, worked] = await Promise.allSettled([begin, work()]);
        // What was sent behind a beginning that failed has failed of that.
        if (begun.status === 'rejected') throw begun.reason;
        if (worked.status === 'rejected') throw worked.reason;
        const answers = [begun.value as unknown].flat() as pg.QueryResult<object>[];
        return { result: worked.value, first: first === undefined ? [] : (answers.at(-1)?.rows ?? []) };
      } finally {
        unit.connection = undefined;
        // The answer goes out before it.
        setImmediate(() => {
          connection.query('ROLLBACK').then(
            () => connection.release(),
            (error: Error) => connection.release(error),
          );
        });
      }
    });
  }

  /** Waits for the lock of this name, and holds it until the transaction ends that is open around the call. */
  async lockName(name: string): Promise<void> {
    await this.client.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
  }

  /** Calls `heard` whenever somebody notifies the channel, and when that can be heard (again). */
  listen(channel: string, heard: () => void): Listener {
    return new Listener(this.options.directUrl ?? this.options.url, channel, heard);
  }

  /** Runs `work` as {@link transaction} does, then rolls back and returns what it returned: a rehearsal. */
  async rehearse<T>(work: () => Promise<T>): Promise<T> {
    return undone((rollBack) =>
      this.transaction(async () => {
        const unit = this.units.getStore();
        if (unit) unit.rehearsal = true;
        return rollBack(await work());
      }),
    );
  }

  get connections(): PoolUse {
    return this.pool.use;
  }

  /** Whether the transaction that is open around the call is a rehearsal. */
  get isRehearsing(): boolean {
    return this.units.getStore()?.rehearsal ?? false;
  }

  /** Runs a part of the open transaction: what it throws undoes that part, and the transaction goes on. */
  async part<T>(work: () => Promise<T>): Promise<T> {
    return partOf(this.units.getStore(), work);
  }

  /** As {@link part}, then undoes it and returns what `work` returned; the locks that it took are free again. */
  async rehearsePart<T>(work: () => Promise<T>): Promise<T> {
    return undone((rollBack) => this.part(async () => rollBack(await work())));
  }

  /** Runs `work` outside of the transaction that is open around it: it stays done, whatever becomes of that one. */
  async apart<T>(work: () => Promise<T>): Promise<T> {
    return this.units.run(undefined, work);
  }

  /**
   * Has `write` store these items, with all others that the open transaction gathers for it, as the last thing before the
   * commit: one statement instead of many. At once where no transaction is open. `first`: before what others store; rows that
   * many transactions may insert are then locked in one order.
   */
  async gather<Item>(
    items: readonly Item[],
    write: (items: Item[]) => Promise<void>,
    { first = false } = {},
  ): Promise<void> {
    const unit = this.units.getStore();
    if (!mayWrite(unit)) return write([...items]);
    const gathered = unit.gathered.get(write) ?? [];
    gathered.push(...items);
    if (!first) unit.gathered.set(write, gathered);
    else unit.gathered = new Map([[write, gathered], ...[...unit.gathered].filter(([other]) => other !== write)]);
  }

  /** Runs `action` once the open transaction has committed (never after a rollback); at once where none is open. */
  async afterCommit(action: () => void | Promise<void>): Promise<void> {
    const unit = this.units.getStore();
    if (mayWrite(unit)) unit.afterCommit.push(action);
    else await action();
  }

  async onModuleDestroy(): Promise<void> {
    await this.replicas.stop();
    await this.root.$disconnect();
    // Called by the framework and by whoever opened it.
    if (!this.pool.ending) await this.pool.end();
  }
}
