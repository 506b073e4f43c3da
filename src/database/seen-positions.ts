import { Prisma } from './generated/client.js';

/** What of the primary this needs. */
export interface Primary {
  read<Row extends object>(statement: Prisma.Sql): Promise<Row[]>;
  write(statement: Prisma.Sql): Promise<number>;
}

/** What the primary says of itself. */
export interface PrimaryState {
  /** Whoever has this epoch follows this primary, since its last crash or since it became one. */
  epoch: string;
  /** All that could be read before the question was asked is in the log up to here. */
  position: string;
  /** The newest migration. */
  migration: string | null;
}

/**
 * What can be read is in the log up to here. A commit can be read once it is flushed; where commits are not waited for
 * (`synchronous_commit = off`), before that. What is flushed is on its way to the replicas, what is inserted may not be yet.
 */
const POSITION = Prisma.sql`
  CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn() ELSE pg_current_wal_flush_lsn() END`;

/**
 * Up to where in the primary's log each caller was told what it holds. It is kept in the primary, so every process knows it
 * before the caller has the answer; in tables that are not logged, so noting it flushes nothing. A crash empties them, and a
 * standby that is promoted begins with empty ones: then a new epoch begins, which counts for all that was told before.
 */
export class SeenPositions {
  private readonly waiting = new Set<string>();
  private writing: Promise<unknown> = Promise.resolve();
  private next: Promise<void> | undefined;

  constructor(private readonly primary: Primary) {}

  /** Notes that the caller was told what the primary held until now. Those who come while others are noted are noted together. */
  note(caller: string): Promise<void> {
    this.waiting.add(caller);
    this.next ??= this.writing.then(() => {
      const written = this.writeAll();
      this.writing = written.catch(() => undefined);
      return written;
    });
    return this.next;
  }

  private async writeAll(): Promise<void> {
    const callers = [...this.waiting];
    this.waiting.clear();
    this.next = undefined;
    await this.primary.write(Prisma.sql`
      INSERT INTO seen_position (caller, position, noted_at)
      SELECT caller, ${POSITION}, now() FROM unnest(${callers}::text[]) caller ORDER BY caller
      ON CONFLICT (caller) DO UPDATE
      SET position = GREATEST(seen_position.position, EXCLUDED.position), noted_at = EXCLUDED.noted_at`);
  }

  /** The epoch and the position of a caller, as a text; NULL where no epoch has begun. */
  static of(caller: Prisma.Sql): Prisma.Sql {
    return Prisma.sql`(
      SELECT e.epoch || ' ' || COALESCE((SELECT s.position FROM seen_position s WHERE s.caller = ${caller}), '0/0')
      FROM seen_epoch e)`;
  }

  async find(caller: string): Promise<string | null> {
    const [row] = await this.primary.read<{ seen: string | null }>(
      Prisma.sql`SELECT ${SeenPositions.of(Prisma.sql`${caller}`)} AS seen`,
    );
    return row?.seen ?? null;
  }

  /** Begins an epoch where none has begun. */
  async look(): Promise<PrimaryState> {
    for (;;) {
      const [row] = await this.primary.read<Omit<PrimaryState, 'epoch'> & { epoch: string | null }>(Prisma.sql`
        SELECT (SELECT epoch FROM seen_epoch)::text AS epoch, (${POSITION})::text AS position,
          (SELECT max(migration_name) FROM _prisma_migrations WHERE finished_at IS NOT NULL) AS migration`);
      if (row && row.epoch !== null) return { ...row, epoch: row.epoch };
      await this.primary.write(Prisma.sql`
        WITH begun AS (INSERT INTO seen_epoch (epoch) VALUES (gen_random_uuid()) ON CONFLICT DO NOTHING RETURNING epoch),
        ended AS (DELETE FROM replica_epoch WHERE EXISTS (SELECT 1 FROM begun))
        INSERT INTO replica_epoch (epoch) SELECT epoch FROM begun`);
    }
  }
}
