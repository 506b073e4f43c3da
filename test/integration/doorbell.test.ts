import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BullmqDoorbell } from '../../src/queue/bullmq-doorbell.js';
import { openQueueBackend } from '../../src/queue/queue-backend.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { hasRedis, TestRedis } from '../support/redis.js';
import { type Fault, TcpProxy } from '../support/tcp-proxy.js';

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

/** A backend that a test takes away and brings back. */
interface Loss {
  urls: { databaseUrl: string; redisUrl?: string };
  lose(): Promise<void>;
  back(): Promise<void>;
  stop(): Promise<void>;
}

async function redisLoss(lose: (redis: TestRedis) => Promise<void>, back: (redis: TestRedis) => Promise<void>) {
  const redis = await TestRedis.start();
  return {
    urls: { databaseUrl: database.url, redisUrl: redis.url },
    lose: () => lose(redis),
    back: () => back(redis),
    stop: () => redis.stop(),
  };
}

/** New connections meet the fault, and those that there are end. */
async function postgresLoss(fault: Fault): Promise<Loss> {
  // A database of its own: rings that an earlier test left would be answered here.
  const own = await createTestDatabase();
  const proxy = await TcpProxy.start(own.url);
  return {
    urls: { databaseUrl: proxy.through(own.url) },
    lose: async () => {
      proxy.onConnection(() => fault);
      proxy.cutNow();
    },
    back: async () => {
      proxy.onConnection(null);
      proxy.cutNow();
    },
    stop: async () => {
      await proxy.stop();
      await own.drop();
    },
  };
}

const LOSSES: [name: string, available: boolean, create: () => Promise<Loss>][] = [
  ['PostgreSQL refuses connections', true, () => postgresLoss({ refuse: true })],
  ['PostgreSQL hangs', true, () => postgresLoss({ delay: 3_600_000 })],
  [
    'Redis (needs redis-server) was killed',
    hasRedis,
    () =>
      redisLoss(
        (redis) => redis.kill(),
        (redis) => redis.resume(),
      ),
  ],
  [
    'Redis (needs redis-server) hangs',
    hasRedis,
    () =>
      redisLoss(
        async (redis) => redis.freeze(),
        async (redis) => redis.thaw(),
      ),
  ],
];

describe.each(LOSSES)('doorbell while %s', (name, available, create) => {
  let loss: Loss;
  let doorbell: BullmqDoorbell;
  let said: string[];
  let visited: string[];
  let visiting: Promise<void>;

  beforeEach(async () => {
    if (!available) return;
    said = [];
    visited = [];
    visiting = Promise.resolve();
    const note = (message: unknown) => void said.push(String(message));
    Logger.overrideLogger({ log: note, warn: note, error: note });
    loss = await create();
    doorbell = new BullmqDoorbell(await openQueueBackend(loss.urls), 10_000);
    await doorbell.listen(async (id) => {
      visited.push(id);
      await visiting;
    }, 1);
    doorbell.ring('before');
    await vi.waitFor(() => expect(visited).toEqual(['before']), 10_000);
  });
  afterEach(async () => {
    if (!available) return;
    await doorbell.close();
    await loss.stop();
    Logger.overrideLogger(false);
  });

  it.skipIf(!available)(
    'says so once, rings in the background, and goes on by itself when the backend is back',
    async () => {
      await loss.lose();
      for (let i = 0; i < 50; i += 1) doorbell.ring(`meanwhile-${i % 10}`);
      await expect(doorbell.depth()).rejects.toThrow();
      // It knows by now, so that the next probe need not wait for a backend that hangs.
      const begun = Date.now();
      await expect(doorbell.depth()).rejects.toThrow();
      expect(Date.now() - begun).toBeLessThan(1_000);
      // Time for many more attempts to connect.
      await sleep(2_000);
      // That its own database refuses connections is told by that.
      const isTold = !name.startsWith('PostgreSQL refuses');
      const once = (words: RegExp) => (isTold ? [expect.stringMatching(words)] : []);
      expect(said).toEqual(once(/^The queue \(.+\) does not answer: .+\. Until it does, /));

      await loss.back();
      await vi.waitFor(() => doorbell.depth(), 20_000);
      doorbell.ring('after');
      await vi.waitFor(() => expect(visited).toContain('after'), 20_000);
      expect(said.slice(1)).toEqual(once(/^The queue \(.+\) answers again\.$/));
    },
    60_000,
  );

  it.skipIf(!available)(
    'waits for the visit under way when it is closed, and no longer',
    async () => {
      const visit = gate();
      visiting = visit.passed;
      doorbell.ring('under-way');
      await vi.waitFor(() => expect(visited).toContain('under-way'), 10_000);
      await loss.lose();
      doorbell.ring('meanwhile');
      let closed = false;
      const closing = doorbell.close().then(() => (closed = true));
      await sleep(1_500);
      expect(closed).toBe(false);
      visit.open();
      const begun = Date.now();
      await closing;
      expect(Date.now() - begun).toBeLessThan(1_500);
    },
    30_000,
  );
});

describe.skipIf(!hasRedis)('doorbell before Redis (needs redis-server) is there', () => {
  it('closes at once, and is answered when Redis has come', async () => {
    const redis = await TestRedis.absent();
    const urls = { databaseUrl: database.url, redisUrl: redis.url };
    const [early, doorbell] = [
      new BullmqDoorbell(await openQueueBackend(urls), 10_000),
      new BullmqDoorbell(await openQueueBackend(urls), 10_000),
    ];
    const visited: string[] = [];
    for (const one of [early, doorbell]) await one.listen(async (id) => void visited.push(id), 1);
    try {
      const begun = Date.now();
      await early.close();
      expect(Date.now() - begun).toBeLessThan(1_500);
      doorbell.ring('before');
      await redis.resume();
      await vi.waitFor(() => expect(visited).toEqual(['before']), 20_000);
    } finally {
      await doorbell.close();
      await redis.stop();
    }
  }, 30_000);
});
