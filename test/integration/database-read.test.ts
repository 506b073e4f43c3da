import { AsyncResource } from 'node:async_hooks';
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
        INSERT INTO lease (scope_id, holder, expires_at) VALUES (gen_random_uuid(), gen_random_uuid(), now())`;
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

describe('write', () => {
  const id = '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c';
  const add = Prisma.sql`INSERT INTO lease (scope_id, holder, expires_at) VALUES (${id}::uuid, gen_random_uuid(), now()) ON CONFLICT DO NOTHING`;
  const count = Prisma.sql`SELECT count(*)::int AS count FROM lease`;

  it('is part of the open transaction, beside what Prisma writes there, and counts its rows', async () => {
    await test.database.rehearse(async () => {
      expect(await test.database.write(add)).toBe(1);
      expect(await test.database.write(add)).toBe(0);
      expect(await test.database.client.lease.count()).toBe(1);
      await test.database.client.lease.deleteMany({ where: { scopeId: id } });
      expect(await test.database.write(add)).toBe(1);
    });
    expect(await test.database.read(count)).toEqual([{ count: 0 }]);
  });

  it('undoes what came before it when it fails', async () => {
    const failing = test.database.transaction(async () => {
      await test.database.write(add);
      await test.database.write(
        Prisma.sql`INSERT INTO lease (scope_id, holder, expires_at) VALUES (${id}::uuid, gen_random_uuid(), now())`,
      );
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(await test.database.read(count)).toEqual([{ count: 0 }]);
  });

  it('is refused once its transaction has ended: the connection is at the work of others', async () => {
    const late = await test.database.transaction(async () => AsyncResource.bind(() => test.database.write(add)));
    await expect(late()).rejects.toThrow('has ended');
    expect(await test.database.read(count)).toEqual([{ count: 0 }]);
  });

  it('can be tried again after a deadlock', async () => {
    const lock = (key: number) => Prisma.sql`SELECT pg_advisory_xact_lock(${key}::int)::text`;
    let arrived = 0;
    let meet: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (meet = resolve));
    const cross = (first: number, second: number) =>
      test.database.transaction(async () => {
        await test.database.read(lock(first));
        if ((arrived += 1) === 2) meet();
        await both;
        await test.database.read(lock(second));
      });
    const ends = await Promise.allSettled([cross(1, 2), cross(2, 1)]);
    const reasons: unknown[] = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
    expect(reasons).toHaveLength(1);
    expect(isUnavailable(reasons[0])).toBe(true);
  });
});

describe('readTogether', () => {
  it('gives the rows of a statement that goes along with its beginning', async () => {
    const first = "SELECT current_setting('transaction_read_only') AS only, 7 AS one";
    const { database } = test;
    const work = () => database.read(Prisma.sql`SELECT 8 AS two`);
    const rows = [{ only: 'on', one: 7 }];
    expect(await database.readTogether({ jit: 'off' }, work, first)).toEqual({ result: [{ two: 8 }], first: rows });
    expect(await database.readTogether({}, work)).toEqual({ result: [{ two: 8 }], first: [] });
  });

  it('sends the first statement behind its beginning, and fails of that where it fails', async () => {
    const { database } = test;
    const begun: unknown[] = [];
    const work = async () => {
      const read = database.read(Prisma.sql`SELECT 8 AS two`);
      begun.push(await read.catch((error: unknown) => error));
      return read;
    };
    const refused: Record<string, string>[] = [{ nothing: '5s' }, { statement_timeout: 'nothing' }];
    for (const settings of refused) {
      await expect(database.readTogether(settings, work)).rejects.toThrow('nothing');
    }
    await expect(database.readTogether({}, work, 'SELECT nothing')).rejects.toThrow('nothing');
    const aborted = expect.objectContaining({ code: '25P02' }) as unknown;
    expect(begun).toEqual([aborted, aborted, aborted]);
    // The connections are whole again.
    for (let turn = 0; turn < 20; turn += 1) expect(await database.read(timeout)).toEqual([{ timeout: '0' }]);
  });

  const timeout = Prisma.sql`SELECT current_setting('statement_timeout') AS timeout`;
  const insert = Prisma.sql`INSERT INTO lease (scope_id, holder, expires_at) VALUES (gen_random_uuid(), gen_random_uuid(), now())`;

  it('runs reads in one transaction, for which alone the settings hold', async () => {
    const transaction = Prisma.sql`SELECT pg_current_xact_id_if_assigned()::text AS id, now()::text AS time`;
    const { database } = test;
    const work = async () => [
      await database.read(timeout),
      await database.read(transaction),
      await database.read(transaction),
    ];
    const [set, first, second] = (await database.readTogether({ statement_timeout: '4s' }, work)).result;
    expect(set).toEqual([{ timeout: '4s' }]);
    expect(first).toEqual(second);
    for (let turn = 0; turn < 20; turn += 1) expect(await database.read(timeout)).toEqual([{ timeout: '0' }]);
  });

  it('writes nothing, in whichever way it is tried, and gives its connection back', async () => {
    const { database } = test;
    const tries = [
      () => database.write(insert),
      () => database.client.lease.count(),
      () => database.transaction(() => database.client.$executeRaw(insert)),
    ];
    for (let turn = 0; turn < 20; turn += 1) {
      for (const attempt of tries) await expect(database.readTogether({}, attempt)).rejects.toThrow(/read|only/);
    }
    expect(await database.read(Prisma.sql`SELECT count(*)::int AS count FROM lease`)).toEqual([{ count: 0 }]);
  });
});
