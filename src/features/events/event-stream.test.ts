import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventRow } from '../../events/event.store.js';
import { EventStream, type Portion } from './event-stream.js';

const event = (sequence: number): EventRow => ({
  ...{ sequence, id: String(sequence), type: 'repository.changed', time: new Date(0), actor: null, subject: 'x' },
  ...{ repositoryId: null, path: null, packageRevisionId: null, traceparent: null, tracestate: null, data: {} },
});
const sequences = (portion: Portion | undefined) =>
  portion && 'events' in portion ? portion.events.map(({ sequence }) => sequence) : portion;

describe('a stream of events', () => {
  let reached: number | undefined;
  const open = () =>
    new EventStream(
      ({ sequence }) => sequence % 2 === 0,
      () => reached,
    );
  beforeEach(() => {
    vi.useFakeTimers();
    reached = undefined;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gives what is for its reader, in the order in which it came', async () => {
    const stream = open();
    const portions = stream.portions();
    const first = portions.next();
    stream.offer([event(1), event(2)]);
    stream.offer([event(3), event(4), event(6)]);
    expect(sequences((await first).value as Portion)).toEqual([2, 4, 6]);
  });

  it('says how far it is after fifteen seconds without an event', async () => {
    const stream = open();
    const portions = stream.portions();
    const first = portions.next();
    await vi.advanceTimersByTimeAsync(14_900);
    // Asked for when it is said: what was known before says less.
    reached = 7;
    await vi.advanceTimersByTimeAsync(200);
    expect((await first).value).toEqual({ reached: 7 });
  });

  it('ends at once, also while it waits', async () => {
    const stream = open();
    const first = stream.portions().next();
    stream.end();
    expect((await first).done).toBe(true);
  });

  it('lets a reader go who does not keep up, and keeps nothing for them', async () => {
    const stream = open();
    stream.offer(Array.from({ length: 20_000 }, (_, index) => event(2 * index)));
    expect(stream.hasEnded).toBe(true);
    expect((await stream.portions().next()).done).toBe(true);
  });
});
