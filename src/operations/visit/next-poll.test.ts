import { describe, expect, it } from 'vitest';
import { nextPoll } from './repository-visit.js';

const INTERVAL = 600;

/** Seconds until the next polls of a thousand repositories that were due so long ago. */
function waits(lateSeconds: number): { first: number; last: number; mean: number } {
  const now = Date.now();
  const dueAt = new Date(now - lateSeconds * 1000);
  const all = Array.from(
    { length: 1_000 },
    () => (nextPoll({ syncIntervalSeconds: null }, INTERVAL, dueAt).getTime() - now) / 1000,
  );
  return { first: Math.min(...all), last: Math.max(...all), mean: all.reduce((sum, wait) => sum + wait) / all.length };
}

describe('the next poll', () => {
  it('comes after the interval, give or take a tenth', () => {
    const { first, last, mean } = waits(1);
    expect(first).toBeGreaterThanOrEqual(0.9 * INTERVAL);
    expect(last).toBeLessThan(1.1 * INTERVAL + 1);
    expect(mean / INTERVAL).toBeCloseTo(1, 1);
  });

  it('of those that all come late, after an outage, is spread over the interval, so that they do not stay together', () => {
    const { first, last, mean } = waits(INTERVAL);
    expect(first).toBeGreaterThanOrEqual(0.5 * INTERVAL);
    expect(first).toBeLessThan(0.6 * INTERVAL);
    expect(last).toBeGreaterThan(1.4 * INTERVAL);
    expect(last).toBeLessThan(1.5 * INTERVAL + 1);
    expect(mean / INTERVAL).toBeCloseTo(1, 1);
  });

  it('follows the interval of the repository', () => {
    const next = nextPoll({ syncIntervalSeconds: 60 }, INTERVAL).getTime() - Date.now();
    expect(next).toBeLessThan(67_000);
  });
});
