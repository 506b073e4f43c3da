import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BullmqDoorbell } from '../../src/queue/bullmq-doorbell.js';
import { openQueueBackend } from '../../src/queue/queue-backend.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { hasRedis, TestRedis } from '../support/redis.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

interface Server {
  redisUrl?: string;
  stop(): Promise<void>;
}

/** A visit that lasts until it is let go. */
function gate(): { open: () => void; passed: Promise<void> } {
  let open = () => undefined as void;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { open, passed };
}

const BACKENDS: [name: string, available: boolean, start: () => Promise<Server>][] = [
  ['PostgreSQL', true, async () => ({ stop: async () => undefined })],
  [
    'Redis (needs redis-server)',
    hasRedis,
    async () => {
      const redis = await TestRedis.start();
      return { redisUrl: redis.url, stop: () => redis.stop() };
    },
  ],
];

describe.each(BACKENDS)('doorbell on %s', (_, available, start) => {
  describe.skipIf(!available)('contract', () => {
    let server: Server;
    const open: BullmqDoorbell[] = [];
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.stop());
    afterEach(async () => {
      await Promise.all(open.splice(0).map((doorbell) => doorbell.close()));
    });

    async function createDoorbell(): Promise<BullmqDoorbell> {
      const doorbell = new BullmqDoorbell(
        await openQueueBackend({ databaseUrl: database.url, redisUrl: server.redisUrl }),
        10_000,
      );
      open.push(doorbell);
      return doorbell;
    }

    it('leads from a ring to a visit, in another process or before anyone listened', async () => {
      const [api, worker] = [await createDoorbell(), await createDoorbell()];
      api.ring('early');
      const visited: string[] = [];
      await worker.listen(async (id) => void visited.push(id), 2);
      api.ring('late');
      await vi.waitFor(() => expect(visited.sort()).toEqual(['early', 'late']), 10_000);
    });

    it('folds any number of rings during a visit into exactly one more visit', async () => {
      const doorbell = await createDoorbell();
      const first = gate();
      let visits = 0;
      await doorbell.listen(async () => {
        visits += 1;
        if (visits === 1) await first.passed;
      }, 4);
      doorbell.ring('folded');
      await vi.waitFor(() => expect(visits).toBe(1), 10_000);
      for (let i = 0; i < 20; i++) doorbell.ring('folded');
      await sleep(300);
      expect(visits).toBe(1);
      first.open();
      await vi.waitFor(() => expect(visits).toBe(2), 10_000);
      await sleep(500);
      expect(visits).toBe(2);
      expect(await doorbell.depth()).toEqual({ waiting: 0, active: 0 });
    });

    it('rings again after a visit that failed', async () => {
      const doorbell = await createDoorbell();
      let visits = 0;
      await doorbell.listen(async () => {
        visits += 1;
        if (visits === 1) throw new Error('on purpose');
      }, 1);
      doorbell.ring('failing');
      await vi.waitFor(() => expect(visits).toBe(1), 10_000);
      await vi.waitFor(async () => expect((await doorbell.depth()).active).toBe(0), 10_000);
      doorbell.ring('failing');
      await vi.waitFor(() => expect(visits).toBe(2), 10_000);
    });

    it('visits at most as many repositories at once as it is told, and shows its depth', async () => {
      const doorbell = await createDoorbell();
      const all = gate();
      let running = 0;
      let most = 0;
      let done = 0;
      await doorbell.listen(async () => {
        most = Math.max(most, (running += 1));
        await all.passed;
        running -= 1;
        done += 1;
      }, 2);
      for (const id of ['a', 'b', 'c', 'd']) doorbell.ring(id);
      // The backend counts a ring as active when it hands it out; the visit begins when that has arrived here.
      await vi.waitFor(() => expect(running).toBe(2), 10_000);
      await vi.waitFor(async () => expect(await doorbell.depth()).toEqual({ waiting: 2, active: 2 }), 10_000);
      all.open();
      await vi.waitFor(() => expect(done).toBe(4), 10_000);
      expect(most).toBe(2);
    });

    it('shares the work between listeners, each ring going to one of them', async () => {
      const [one, two] = [await createDoorbell(), await createDoorbell()];
      const visited: Record<string, string[]> = { one: [], two: [] };
      const slowly = (name: string) => async (id: string) => {
        visited[name]?.push(id);
        await sleep(100);
      };
      await one.listen(slowly('one'), 1);
      await two.listen(slowly('two'), 1);
      const ids = Array.from({ length: 10 }, (_, index) => `shared-${index}`);
      for (const id of ids) one.ring(id);
      await vi.waitFor(() => expect([...visited.one!, ...visited.two!].sort()).toEqual(ids), 10_000);
      expect(visited.one).not.toEqual([]);
      expect(visited.two).not.toEqual([]);
    });

    it('waits for the visit under way when it is closed, and takes no further one', async () => {
      const doorbell = await createDoorbell();
      const first = gate();
      const finished: string[] = [];
      let begun = 0;
      await doorbell.listen(async (id) => {
        begun += 1;
        await first.passed;
        finished.push(id);
      }, 1);
      doorbell.ring('under-way');
      await vi.waitFor(() => expect(begun).toBe(1), 10_000);
      doorbell.ring('left-for-others');
      let closed = false;
      const closing = doorbell.close().then(() => (closed = true));
      await sleep(300);
      expect(closed).toBe(false);
      first.open();
      await closing;
      expect(finished).toEqual(['under-way']);

      const successor = await createDoorbell();
      await successor.listen(async (id) => void finished.push(id), 1);
      await vi.waitFor(() => expect(finished).toEqual(['under-way', 'left-for-others']), 10_000);
    });
  });
});

/** Without its backend, a doorbell is of no use and does no harm. */
describe.skipIf(!hasRedis)('doorbell while Redis (needs redis-server)', () => {
  let redis: TestRedis;
  let doorbell: BullmqDoorbell;
  let said: string[];
  const visited: string[] = [];

  async function open(): Promise<void> {
    doorbell = new BullmqDoorbell(await openQueueBackend({ databaseUrl: database.url, redisUrl: redis.url }), 10_000);
  }
  beforeEach(() => {
    said = [];
    visited.length = 0;
    const note = (message: unknown) => void said.push(String(message));
    Logger.overrideLogger({ log: note, warn: note, error: note });
  });
  afterEach(async () => {
    await doorbell.close();
    await redis.stop();
    Logger.overrideLogger(false);
  });
  const listen = () => doorbell.listen(async (id) => void visited.push(id), 1);
  const answers = () => vi.waitFor(() => doorbell.depth(), 20_000);
  const isSilent = async () => {
    await expect(doorbell.depth()).rejects.toThrow();
  };

  const AWAY = ['was never there', 'was killed', 'hangs'] as const;
  /** Brings Redis into that state and gives the way back. */
  async function lose(how: (typeof AWAY)[number]): Promise<() => Promise<void>> {
    redis = await (how === 'was never there' ? TestRedis.absent() : TestRedis.start());
    await open();
    await listen();
    if (how === 'was never there') return () => redis.resume();
    doorbell.ring('before');
    await vi.waitFor(() => expect(visited).toEqual(['before']), 10_000);
    if (how === 'hangs') {
      redis.freeze();
      return async () => redis.thaw();
    }
    await redis.kill();
    return () => redis.resume();
  }

  it.each(AWAY)(
    '%s: says so once, and goes on by itself when Redis is back',
    async (how) => {
      const back = await lose(how);
      for (let i = 0; i < 50; i += 1) doorbell.ring(`meanwhile-${i % 10}`);
      await isSilent();
      // It knows by now, and a probe need not wait to be told.
      const begun = Date.now();
      for (let i = 0; i < 20; i += 1) await isSilent();
      expect(Date.now() - begun).toBeLessThan(500);
      await sleep(2_000);
      expect(said).toEqual([expect.stringMatching(/^The queue \(Redis\) does not answer: .+\. Until it does, /)]);

      await back();
      await answers();
      doorbell.ring('after');
      await vi.waitFor(() => expect(visited).toContain('after'), 20_000);
      expect(said.slice(1)).toEqual(['The queue (Redis) answers again.']);
    },
    60_000,
  );

  it.each(AWAY)(
    '%s: closes within a second and a half',
    async (how) => {
      await lose(how);
      doorbell.ring('meanwhile');
      const begun = Date.now();
      await doorbell.close();
      expect(Date.now() - begun).toBeLessThan(1_500);
    },
    30_000,
  );

  it('is away: waits for the visit under way when it is closed, and no longer', async () => {
    redis = await TestRedis.start();
    await open();
    const visit = gate();
    let isUnderWay = false;
    await doorbell.listen(async () => {
      isUnderWay = true;
      await visit.passed;
      isUnderWay = false;
    }, 1);
    doorbell.ring('under-way');
    await vi.waitFor(() => expect(isUnderWay).toBe(true), 10_000);
    await redis.kill();
    const closing = doorbell.close();
    await sleep(1_500);
    expect(isUnderWay).toBe(true);
    visit.open();
    const begun = Date.now();
    await closing;
    expect(isUnderWay).toBe(false);
    expect(Date.now() - begun).toBeLessThan(1_500);
  }, 30_000);
});
