import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { KeptValue } from './kept-value.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Loads 1, 2, 3, … and fails while `away`. */
function counter({ maxAgeMs = 100, cooldownMs = 10 } = {}) {
  const state = { attempts: 0, away: false, slow: 0, failures: 0 };
  const value = new KeptValue(
    async () => {
      const count = (state.attempts += 1);
      if (state.slow > 0) await new Promise((resolve) => setTimeout(resolve, state.slow));
      if (state.away) throw new Error('away');
      return { count };
    },
    { maxAgeMs, cooldownMs, onFailure: () => (state.failures += 1) },
  );
  return { state, value };
}

it('loads once for all who ask at the same time, and again when the value is old', async () => {
  const { value } = counter();
  await expect(Promise.all([value.current(), value.current(), value.renewed()])).resolves.toEqual(
    [1, 1, 1].map((count) => ({ count })),
  );
  vi.advanceTimersByTime(100);
  await expect(value.current()).resolves.toEqual({ count: 1 });
  vi.advanceTimersByTime(1);
  await expect(value.current()).resolves.toEqual({ count: 2 });
});

it('renews no more often than the cooldown lets it', async () => {
  const { value } = counter();
  await value.current();
  await expect(value.renewed()).resolves.toEqual({ count: 1 });
  vi.advanceTimersByTime(10);
  await expect(value.renewed()).resolves.toEqual({ count: 2 });
});

it('throws while there never was a value, and tries again after the cooldown', async () => {
  const { state, value } = counter();
  state.away = true;
  await expect(value.current()).rejects.toThrow('away');
  await expect(value.current()).rejects.toThrow('away');
  expect(state).toMatchObject({ attempts: 1, failures: 1 });
  state.away = false;
  vi.advanceTimersByTime(10);
  await expect(value.current()).resolves.toEqual({ count: 2 });
});

it('keeps an old value where it cannot be loaded again, and says so to whoever needs a new one', async () => {
  const { state, value } = counter();
  await value.current();
  state.away = true;
  vi.advanceTimersByTime(101);
  await expect(value.current()).resolves.toEqual({ count: 1 });
  await expect(value.renewed()).rejects.toThrow('away');
  expect(state.attempts).toBe(2);
  state.away = false;
  vi.advanceTimersByTime(10);
  await expect(value.renewed()).resolves.toEqual({ count: 3 });
});

it('makes nobody wait for an attempt after one that failed, and takes over what it brings', async () => {
  const { state, value } = counter();
  await value.current();
  state.away = true;
  vi.advanceTimersByTime(101);
  await value.current();
  Object.assign(state, { away: false, slow: 50 });
  vi.advanceTimersByTime(10);
  await expect(value.current()).resolves.toEqual({ count: 1 });
  await vi.advanceTimersByTimeAsync(50);
  await expect(value.current()).resolves.toEqual({ count: 3 });
});
