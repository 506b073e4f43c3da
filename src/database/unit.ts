import type pg from 'pg';
import type { Prisma } from './generated/client.js';
import type { Replica } from './replica.js';

/** What stores run their queries on: the root client, or the transaction that is open around them. */
export type Client = Prisma.TransactionClient;

/** A transaction, or what is read from a replica. */
export interface Unit {
  /** What Prisma runs its own statements on. */
  client?: Client;
  /** The connection below it, while the transaction is open. */
  connection?: pg.PoolClient | undefined;
  /** Where it is read from, if that is not the primary. Each statement takes a connection of its own, or one of a transaction that only reads. */
  replica?: Replica | undefined;
  /** Nothing of it stays. */
  rehearsal?: boolean;
  /** What is written at its end, by whoever writes it. */
  gathered: Map<(items: never[]) => Promise<void>, unknown[]>;
  afterCommit: (() => void | Promise<void>)[];
}

export const newUnit = (): Unit => ({ gathered: new Map(), afterCommit: [] });

export const readsFrom = (replica: Replica): Unit => ({ ...newUnit(), replica, client: replica.client });

/** Whether it is a transaction that may write. */
export const mayWrite = (unit: Unit | undefined): unit is Unit =>
  unit?.client !== undefined && unit.replica === undefined;

/** Runs a part of a transaction; what was to be done at its end because of a part that throws is undone with it. */
export async function partOf<T>(unit: Unit | undefined, work: () => Promise<T>): Promise<T> {
  const connection = unit?.connection;
  if (!unit || !connection) throw new Error('No transaction is open.');
  const gathered = new Map([...unit.gathered].map(([write, items]) => [write, [...items]]));
  const actions = unit.afterCommit.length;
  await connection.query('SAVEPOINT part');
  try {
    const result = await work();
    await connection.query('RELEASE SAVEPOINT part');
    return result;
  } catch (error) {
    unit.gathered = gathered;
    unit.afterCommit.length = actions;
    // Where the connection is lost, so is the transaction: whoever goes on with it is told.
    await connection.query('ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part').catch(() => undefined);
    throw error;
  }
}

/** Gives what `run` hands to its `rollBack`, which throws, so that the transaction around it undoes what was done. */
export async function undone<T>(run: (rollBack: (result: T) => never) => Promise<never>): Promise<T> {
  const rollback = Symbol('rollback');
  let given: T | undefined;
  try {
    return await run((result) => {
      given = result;
      throw rollback;
    });
  } catch (error) {
    if (error !== rollback) throw error;
    return given as T;
  }
}
