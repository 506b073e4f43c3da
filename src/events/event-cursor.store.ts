import type { Database } from '../database/database.js';
import { Prisma } from '../database/generated/client.js';

/** The tables of one row, `position`, that say up to which event somebody has come. */
export type CursorTable = 'webhook_cursor' | 'variant_cursor';

/** The statements by which somebody goes through the events. */
export class EventCursor {
  private readonly table: Prisma.Sql;

  constructor(
    private readonly database: Database,
    private readonly name: CursorTable,
  ) {
    this.table = Prisma.raw(name);
  }

  /** `waits`: there are events after the cursor; `last`: the number of the newest event; `isWanted`: whether the condition holds. */
  async look(condition: Prisma.Sql): Promise<{ waits: boolean; last: number; isWanted: boolean }> {
    const [row] = await this.database.readByKey<{ waits: boolean; last: number; isWanted: boolean }>(Prisma.sql`
      SELECT n.last > c.position AS waits, n.last::float8 AS last, ${condition} AS "isWanted"
      FROM event_numbers n, ${this.table} c`);
    if (!row) throw new Error(`The row of ${this.name} is missing`);
    return row;
  }

  /** Locks the cursor until the transaction ends and gives the number of the last event taken; null: another process holds the lock. */
  async lock(): Promise<number | null> {
    const [row] = await this.database.client.$queryRaw<{ position: number }[]>(
      Prisma.sql`SELECT position::float8 AS position FROM ${this.table} FOR UPDATE SKIP LOCKED`,
    );
    return row?.position ?? null;
  }

  async move(position: number): Promise<void> {
    await this.database.write(Prisma.sql`UPDATE ${this.table} SET position = GREATEST(position, ${position}::bigint)`);
  }
}
