import { Prisma } from './generated/client.js';

const ASCII = /^[\0-\x7f]*$/;

/** The condition that a text column holds `part` somewhere, in any case; a trigram index on the column serves it. */
export function containsSql(column: Prisma.Sql, part: string): Prisma.Sql {
  if (ASCII.test(part)) return Prisma.sql`${column} ILIKE ${`%${part.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`}`;
  // The collation of the database knows the cases of other letters, or none of them (`C`): so both are written out.
  return Prisma.sql`${column} ~ ${Array.from(part, inBothCases).join('')}`;
}

/** A letter whose other case is several (`ß`) stands for itself. */
function inBothCases(character: string): string {
  const cases = new Set([character, character.toLowerCase(), character.toUpperCase()].filter(isOne));
  return cases.size > 1 ? `[${[...cases].join('')}]` : character.replace(/[!-/:-@[-`{-~]/, String.raw`\$&`);
}

const isOne = (text: string): boolean => Array.from(text).length === 1;
