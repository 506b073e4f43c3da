import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../src/database/database.js';
import type { Evidence } from './evidence.js';
import type { Follower } from './follower.js';

const SEEN_WITHIN_MS = 15_000;

/** Whoever follows and comes again has seen every event once, in the one order. */
export async function checkStream(database: Database, follower: Follower): Promise<string[]> {
  const { client } = database;
  for (const deadline = Date.now() + SEEN_WITHIN_MS; ; await sleep(100)) {
    const waiting = await client.eventPending.count();
    const newest = await client.event.findFirst({ orderBy: { sequence: 'desc' } });
    if (waiting === 0 && follower.last >= Number(newest?.sequence ?? 0)) break;
    if (Date.now() <= deadline) continue;
    const at = `the reader is at ${follower.last}, the newest is ${newest?.sequence}`;
    return [`events: ${waiting} wait for a number; ${at}`];
  }
  const told = await client.event.findMany({
    where: { sequence: { gt: follower.after } },
    orderBy: { sequence: 'asc' },
    select: { sequence: true },
  });
  const expected = told.map(({ sequence }) => String(sequence));
  const seen = follower.seen.map(({ sequence }) => sequence).slice(0, expected.length);
  const wrong = expected.findIndex((sequence, index) => seen[index] !== sequence);
  return wrong < 0 ? [] : [`events: the reader saw ${seen[wrong]} as the ${wrong}th, and ${expected[wrong]} was told`];
}

/** The events are those of {@link checkStream}; and what has an end has its event. */
export async function checkEvents(
  database: Database,
  evidence: readonly Evidence[],
  follower: Follower,
): Promise<string[]> {
  const faults = await checkStream(database, follower);
  const of = (type: string) =>
    new Set(follower.seen.filter((event) => event.type.endsWith(type)).map(({ subject }) => subject.split('/')[1]));
  const [finished, published] = [of('operation.finished'), of('ackageRevision.published')];
  for (const { operations, revisions } of evidence) {
    for (const { id, kind, state } of operations.values()) {
      const isOver = ['succeeded', 'failed', 'cancelled'].includes(state);
      if (isOver !== finished.has(id) && isOver)
        faults.push(`events: the end of the ${kind} operation ${id} (${state}) has none`);
    }
    for (const { id, name, lifecycle, external: isExternal } of revisions.values()) {
      if (lifecycle !== 'published' && lifecycle !== 'deletionProposed') continue;
      // Those of others may be from before the first reading, which one event tells as a whole.
      if (!isExternal && !published.has(id)) faults.push(`events: the publication of ${name} has none`);
    }
  }
  return faults;
}
