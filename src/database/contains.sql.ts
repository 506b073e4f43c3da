import { Prisma } from './generated/client.js';

/** The condition that a text column holds `part` somewhere, in any case; a trigram index on the column serves it. */
export function containsSql(column: Prisma.Sql, part: string): Prisma.Sql {
  return Prisma.sql`${column} ILIKE ${`%${part.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`}`;
}
