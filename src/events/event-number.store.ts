import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Prisma } from '../database/generated/client.js';

/** `number_events` notifies it. */
export const EVENTS_CHANNEL = 'pkgserver_events';

const MICROSECONDS = Prisma.sql`floor(extract(epoch FROM clock_timestamp()) * 1000000)::float8`;

/** The statements over the numbers of events. */
@Injectable()
export class EventNumberStore {
  constructor(private readonly database: Database) {}

  /** Whether events wait for a number, and what time the database has. */
  async look(): Promise<{ waits: boolean; microseconds: number }> {
    return this.one(Prisma.sql`
      SELECT EXISTS (SELECT 1 FROM event_pending) AS waits, ${MICROSECONDS} AS microseconds`);
  }

  /** Numbers so many of the events that wait; gives how many there were. */
  async number(limit: number): Promise<number> {
    const { count } = await this.one<{ count: number }>(Prisma.sql`SELECT number_events(${limit}::int) AS count`);
    return count;
  }

  /** The last number that was given. */
  async last(): Promise<number> {
    return (await this.one<{ last: number }>(Prisma.sql`SELECT last::float8 AS last FROM event_numbers`)).last;
  }

  /** Up to which number events are not kept any more. */
  async pruned(): Promise<number> {
    return (await this.one<{ pruned: number }>(Prisma.sql`SELECT pruned::float8 AS pruned FROM event_numbers`)).pruned;
  }

  /** A number up to which every event that will ever have one can be read: it waits for whoever is numbering. */
  async settled(): Promise<number> {
    const { number } = await this.one<{ number: number }>(Prisma.sql`
      SELECT GREATEST(last::float8, ${MICROSECONDS}) AS number FROM event_numbers FOR SHARE`);
    return number;
  }

  private async one<Row extends object>(statement: Prisma.Sql): Promise<Row> {
    const [row] = await this.database.readByKey<Row>(statement);
    if (!row) throw new Error('The row of event_numbers is missing');
    return row;
  }
}
