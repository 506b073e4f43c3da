import { Injectable } from '@nestjs/common';
import { Database } from './database.js';
import { Prisma } from './generated/client.js';

/** Asks in one statement what many would ask in one each: at rest a look at everything costs what a look at one thing does. */
@Injectable()
export class Glance {
  private readonly watched: { condition: Prisma.Sql; found: () => void }[] = [];

  constructor(private readonly database: Database) {}

  /** Has `found` called at each look that finds that the condition holds. It must not take long, and not throw. */
  watch(condition: Prisma.Sql, found: () => void): void {
    this.watched.push({ condition, found });
  }

  /** Looks at everything that is watched, and at these conditions beside it; gives which of these hold, in their order. */
  async look(conditions: readonly Prisma.Sql[]): Promise<boolean[]> {
    const asked = [...conditions, ...this.watched.map(({ condition }) => condition)];
    const [row] = await this.database.read<{ holds: boolean[] }>(Prisma.sql`
      SELECT ARRAY[${Prisma.join(asked.map((condition) => Prisma.sql`(${condition})`))}] AS holds`);
    const holds = row?.holds ?? [];
    for (const [index, { found }] of this.watched.entries()) if (holds[conditions.length + index]) found();
    return holds.slice(0, conditions.length);
  }
}
