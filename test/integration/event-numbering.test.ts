import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.js';
import { EventClock } from '../../src/events/event-clock.js';
import { EventFeed } from '../../src/events/event-feed.js';
import { EventNumberStore } from '../../src/events/event-number.store.js';
import { type EventRow, EventStore } from '../../src/events/event.store.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { Metrics } from '../../src/logging/metrics.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventsOn } from '../support/events.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test?.drop());

const event = (name: string) =>
  ({ type: 'repository.registered', repositoryId: null, path: null, facts: { id: uuidv7(), name } }) as const;
/** As a change leaves it: with its place among those that wait, before the commit. */
const pending = (name: string) => {
  const { type, facts } = event(name);
  const nowhere = { actor: null, repositoryId: null, path: null, packageRevisionId: null };
  const noTrace = { traceparent: null, tracestate: null };
  return { id: uuidv7(), type, subject: facts.id, data: { repository: facts }, ...nowhere, ...noTrace };
};
const nameOf = ({ data }: EventRow): string => data.repository?.name ?? '';
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(holds: () => boolean, milliseconds = 10_000): Promise<void> {
  for (const end = Date.now() + milliseconds; !holds(); await pause(5)) {
    if (Date.now() > end) throw new Error('It did not come');
  }
}

describe('the number of an event', () => {
  it('comes after its commit, so that none is skipped, and a long transaction holds up nobody', async () => {
    const { numbering } = eventsOn(test.database);
    const store = new EventStore(test.database);
    let end = () => undefined as void;
    const held = new Promise<void>((resolve) => (end = resolve));
    let begun = () => undefined as void;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const first = test.database.transaction(async () => {
      await store.append([pending('A')]);
      begun();
      await held;
    });
    await hasBegun;
    await test.database.transaction(() => store.append([pending('B')]));
    await numbering.numberAll();
    const seen = await store.behind(0, 10);
    expect(seen.map(nameOf)).toEqual(['B']);
    end();
    await first;
    await numbering.numberAll();
    const later = await store.behind(seen[0]?.sequence ?? 0, 10);
    expect(later.map(nameOf)).toEqual(['A']);
    await numbering.stop();
  });

  it('is above what lists name as the place to follow from, and that is not far behind', async () => {
    const numbers = new EventNumberStore(test.database);
    const place = await new EventClock(numbers).now();
    await test.database.transaction(() => new EventStore(test.database).append([pending('after')]));
    await eventsOn(test.database).numbering.numberAll();
    const last = await numbers.last();
    expect(last).toBeGreaterThan(place + 4_000_000);
    expect(last).toBeLessThan(place + 60_000_000);
  });

  it('is not given to what was rolled back', async () => {
    const { log, numbering } = eventsOn(test.database);
    const last = await new EventNumberStore(test.database).last();
    const failing = test.database.transaction(async () => {
      await log.record([event('never')]);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await numbering.stop();
    expect(await new EventStore(test.database).behind(last, 10)).toEqual([]);
  });

  it('is given by the next process, where one ended between the commit and the number', async () => {
    const store = new EventStore(test.database);
    const last = await new EventNumberStore(test.database).last();
    await store.append([pending('left')]);
    expect(await store.behind(last, 10)).toEqual([]);
    const { numbering } = eventsOn(test.database);
    numbering.start();
    await pause(1_500);
    expect(await store.behind(last, 10)).toHaveLength(1);
    await numbering.stop();
  });
});

const WRITERS = Number(process.env.EVENT_WRITERS ?? 10);
const SECONDS = Number(process.env.EVENT_SECONDS ?? 3);

it('lets every reader see each event once, all in one order, and those of one writer in its own', async () => {
  const from = await new EventNumberStore(test.database).last();
  const databases = [1, 2].map(() => new Database({ url: test.url, poolSize: 10 }));
  const readers = [1, 2, 3, 4, 5].map((number) => {
    const database = databases[number % 2] as Database;
    const numbers = new EventNumberStore(database);
    const feed = new EventFeed(database, numbers, new EventStore(database), new EventClock(numbers), new Metrics());
    const seen: EventRow[] = [];
    return { feed, seen, take: (events: readonly EventRow[]) => void seen.push(...events) };
  });
  for (const { feed, take } of readers) await feed.follow(take);
  const logs = databases.map((database) => ({ database, ...eventsOn(database) }));
  const end = Date.now() + SECONDS * 1000;
  const counts = await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      const { database, log } = logs[writer % 2] as (typeof logs)[number];
      let count = 0;
      for (; Date.now() < end; count += 2) {
        const at = count;
        const write = async () => {
          await log.record([event(`${writer}/${at}`), event(`${writer}/${at + 1}`)]);
          // Some end long after others that began later.
          if (Math.random() < 0.2) await pause(Math.random() * 50);
          if (Math.random() < 0.05) throw new Error('rolled back');
        };
        const isWritten = await database.transaction(write).then(
          () => true,
          () => false,
        );
        if (!isWritten) count -= 2;
      }
      return count;
    }),
  );
  const total = counts.reduce((sum, count) => sum + count, 0);
  expect(Math.min(...counts)).toBeGreaterThan(0);
  await until(() => readers.every(({ seen }) => seen.length >= total));
  const stored = await test.database.client.event.findMany({
    where: { sequence: { gt: from } },
    orderBy: { sequence: 'asc' },
  });
  const order = stored.map(({ sequence }) => Number(sequence));
  expect(order).toHaveLength(total);
  for (const { seen } of readers) {
    expect(seen.map(({ sequence }) => sequence)).toEqual(order);
    for (const [writer, count] of counts.entries()) {
      const own = seen.map(nameOf).filter((name) => name.startsWith(`${writer}/`));
      expect(own).toEqual(Array.from({ length: count }, (_, at) => `${writer}/${at}`));
    }
  }
  for (const { feed, take } of readers) await feed.leave(take);
  for (const { numbering } of logs) await numbering.stop();
  for (const database of databases) await database.onModuleDestroy();
}, 180_000);
