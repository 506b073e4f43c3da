import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Prisma } from '../../src/database/generated/client.js';
import { isUnavailable } from '../../src/database/unavailable.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const VALUES = Prisma.sql`
  SELECT '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c'::uuid AS id, true AS flag, 7 AS whole, 0.5::float8 AS part, ${'é'}::text AS text,
    '{"a": [1, null]}'::jsonb AS json, '2026-03-14 09:26:53.589+02'::timestamptz(3) AS time, '\\x00ff'::bytea AS bytes,
    NULL::text AS nothing, ARRAY['a', 'b'] = ${['a', 'b']}::text[] AS same, ${new Date(0)}::timestamptz = to_timestamp(0) AS epoch`;

describe.each(['read', 'readByKey'] as const)('%s', (way) => {
  it('gives the same values in a transaction and outside of one, prepared or not', async () => {
    const expected = {
      id: '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c',
      flag: true,
      whole: 7,
      part: 0.5,
      text: 'é',
      json: { a: [1, null] },
      time: new Date('2026-03-14T07:26:53.589Z'),
      nothing: null,
      same: true,
      epoch: true,
    };
    const alone = await test.database[way]<{ bytes: Uint8Array }>(VALUES);
    const again = await test.database[way]<{ bytes: Uint8Array }>(VALUES);
    const inside = await test.database.transaction(() => test.database[way]<{ bytes: Uint8Array }>(VALUES));
    for (const [row] of [alone, again, inside]) {
      expect(row).toMatchObject(expected);
      expect([...(row?.bytes ?? [])]).toEqual([0, 255]);
    }
  });

  it('sees what the open transaction wrote, and others do not', async () => {
    const count = Prisma.sql`SELECT count(*)::int AS count FROM lease`;
    await test.database.rehearse(async () => {
      await test.database.client.$executeRaw`
        INSERT INTO lease VALUES (gen_random_uuid(), gen_random_uuid(), now())`;
      expect(await test.database[way](count)).toEqual([{ count: 1 }]);
    });
    expect(await test.database[way](count)).toEqual([{ count: 0 }]);
  });

  it('tells a connection that is lost from a statement that is wrong, and goes on with another', async () => {
    const killed = test.database[way](Prisma.sql`SELECT pg_terminate_backend(pg_backend_pid())::text AS done`);
    expect(isUnavailable(await killed.catch((error: unknown) => error))).toBe(true);
    const wrong = test.database[way](Prisma.sql`SELECT nothing FROM nowhere`);
    expect(isUnavailable(await wrong.catch((error: unknown) => error))).toBe(false);
    expect(await test.database[way](Prisma.sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
  });
});
