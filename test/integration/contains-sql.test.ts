import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containsSql } from '../../src/database/contains.sql.js';
import { Prisma } from '../../src/database/generated/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const holds = async (text: string, part: string): Promise<boolean> => {
  const [row] = await test.database.read<{ holds: boolean }>(
    Prisma.sql`SELECT ${containsSql(Prisma.sql`${text}::text`, part)} AS holds`,
  );
  return row?.holds ?? false;
};

/** Letters with two cases, all different. */
const letters = Array.from({ length: 2_000 }, (_, index) => String.fromCodePoint(0x1_00 + index)).join('');

describe('containsSql', () => {
  it.each([
    ['grüße', 'GRÜ', true],
    ['GRÜSSE', 'grü', true],
    ['Привет, мир', 'ПРИВЕТ', true],
    ['ΑΘΗΝΑ', 'αθή', false],
    ['héllo', 'hello', false],
    ['É.*[a]\\b(?:x)', 'é.*[a]\\B(?:X)', true],
    ['Éxx', 'é.*', false],
    ['***é', '***É', true],
    ['a\nÉ', '\né', true],
    ['😀É', '😀é', true],
    [letters.toUpperCase(), letters, false],
    [`x${letters}`, letters, true],
  ])('finds a part in any case, or not: %#', async (text, part, expected) => {
    expect(await holds(text, part)).toBe(expected);
  });
});
