import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Database } from '../../src/database/database.js';
import { Prisma } from '../../src/database/generated/client.js';
import { lineOf } from '../../src/domain/message-of.js';
import { isLost, isUnavailable } from '../../src/database/unavailable.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { TcpProxy } from '../support/tcp-proxy.js';

let test: TestDatabase;
let proxy: TcpProxy;
let database: Database;
let said: string[];

beforeAll(async () => {
  test = await createTestDatabase();
  proxy = await TcpProxy.start(test.url);
  database = new Database({ url: proxy.through(test.url), poolSize: 3 });
  said = [];
  const note = (message: unknown) => void said.push(String(message));
  Logger.overrideLogger({ log: note, warn: note, error: note });
});
afterAll(async () => {
  Logger.overrideLogger(false);
  await database.onModuleDestroy();
  await proxy.stop();
  await test.drop();
});

const ONE = Prisma.sql`SELECT 1 AS one`;
const ways: (() => Promise<unknown>)[] = [
  () => database.read(ONE),
  () => database.client.$queryRaw(ONE),
  () => database.client.repository.count(),
  () => database.transaction(() => database.client.repository.count()),
  () => database.transaction(() => database.read(ONE)),
];
const errors = async (): Promise<unknown[]> =>
  Promise.all(
    ways.map((ask) =>
      ask().then(
        () => null,
        (error: unknown) => error,
      ),
    ),
  );

it('that goes away is told once, with where it is and without a password, and once that it answers again', async () => {
  expect(await errors()).toEqual(ways.map(() => null));
  const sleeping = database
    .transaction(() => database.client.$queryRaw`SELECT pg_sleep(5)::text`)
    .catch((e: unknown) => e);
  await sleep(200);
  proxy.onConnection(() => ({ refuse: true }));
  proxy.cutNow();
  const found: unknown[] = [await sleeping];
  for (let i = 0; i < 3; i += 1) found.push(...(await errors()));
  for (const error of found) if (!isLost(error)) console.log(error, (error as { meta?: unknown })?.meta);
  expect(found.map(isLost)).toEqual(found.map(() => true));
  const { port } = new URL(proxy.through(test.url));
  expect(said).toEqual([
    expect.stringMatching(
      new RegExp(`^PostgreSQL at 127\\.0\\.0\\.1:${port}/\\w+ does not answer: [^\\n]+\\. It is tried again `),
    ),
  ]);
  expect(said.join()).not.toContain(`:${new URL(test.url).password}@`);

  proxy.onConnection(null);
  await vi.waitFor(() => database.read(ONE), 10_000);
  expect(await errors()).toEqual(ways.map(() => null));
  expect(said.slice(1)).toEqual([expect.stringMatching(/^PostgreSQL at \S+ answers again\.$/)]);
});

it.each(['client', 'server'] as const)(
  'is known for lost wherever a connection ends, at a byte of the %s',
  async (from) => {
    const told = new Set<string>();
    for (let bytes = 1; bytes < 1_200; bytes += 13) {
      proxy.onConnection(() => ({ cutAfter: { bytes, from } }));
      // Some turns meet idle connections whose end nobody has noticed yet.
      proxy.cutNow();
      for (const error of await errors()) {
        if (error === null) continue;
        told.add((error as Error).constructor.name);
        expect(isLost(error), lineOf(error)).toBe(true);
        expect(isUnavailable(error), lineOf(error)).toBe(true);
      }
    }
    expect(told.size).toBeGreaterThan(1);
    proxy.onConnection(null);
    proxy.cutNow();
    await vi.waitFor(async () => expect(await errors()).toEqual(ways.map(() => null)), 10_000);
  },
);

it('and one connection that ends alone is no outage', async () => {
  said.length = 0;
  const end = Prisma.sql`SELECT pg_terminate_backend(pg_backend_pid())::text AS done`;
  for (const kill of [() => database.read(end), () => database.client.$queryRaw(end)]) {
    expect(isLost(await kill().catch((error: unknown) => error))).toBe(true);
  }
  const wrong = database.client.$queryRaw`SELECT nothing FROM nowhere`.catch((error: unknown) => error);
  expect(isLost(await wrong)).toBe(false);
  expect(lineOf(await wrong)).toMatch(/^Invalid `prisma\.\$queryRaw\(\)` invocation: Raw query failed\. .*"nowhere"/);
  expect(await errors()).toEqual(ways.map(() => null));
  expect(said).toEqual([]);
});
