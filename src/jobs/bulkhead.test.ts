import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Bulkhead } from './bulkhead.js';

const repository = (id: string, host: string) => ({ id, url: `https://${host}/${id}.git` });

describe('Bulkhead', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('gives those that failed half of the seats, and all others any', () => {
    const bulkhead = new Bulkhead(4);
    for (const id of ['a', 'b', 'c']) bulkhead.noteFailure(repository(id, 'dead.example'));
    const seats = ['a', 'b'].map((id) => bulkhead.enter(id));
    expect(seats.every(Boolean)).toBe(true);
    expect(bulkhead.enter('c')).toBeNull();
    expect(bulkhead.enter('unknown')).not.toBeNull();
    seats[0]?.();
    expect(bulkhead.enter('c')).not.toBeNull();
  });

  it('doubts the neighbours on the host for a while, and a repository until it answers', () => {
    const bulkhead = new Bulkhead(2);
    bulkhead.noteSuccess(repository('well', 'dead.example'));
    bulkhead.noteSuccess(repository('elsewhere', 'alive.example'));
    bulkhead.noteFailure(repository('ill', 'dead.example'));
    const seat = bulkhead.enter('ill');
    expect(bulkhead.enter('well')).toBeNull();
    expect(bulkhead.enter('elsewhere')).not.toBeNull();
    vi.advanceTimersByTime(31_000);
    expect(bulkhead.enter('well')).not.toBeNull();
    expect(bulkhead.enter('ill')).toBeNull();
    seat?.();
    bulkhead.noteSuccess(repository('ill', 'dead.example'));
    expect([bulkhead.enter('ill'), bulkhead.enter('ill')].every(Boolean)).toBe(true);
  });
});
