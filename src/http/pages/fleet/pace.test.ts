import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { atMostEvery } from './pace.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const passing = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

it('works at once, and takes together what comes within the time', async () => {
  const work = vi.fn();
  const call = atMostEvery(500, new AbortController().signal, work);
  for (let time = 0; time < 990; time += 10) {
    call();
    await passing(10);
  }
  expect(work).toHaveBeenCalledTimes(2);
  await passing(1000);
  expect(work).toHaveBeenCalledTimes(3);
  await passing(5000);
  expect(work).toHaveBeenCalledTimes(3);
  call();
  expect(work).toHaveBeenCalledTimes(4);
});

it('runs one after the other, and none once it is over', async () => {
  const over = new AbortController();
  let running = 0;
  const most: number[] = [];
  const call = atMostEvery(10, over.signal, async () => {
    most.push((running += 1));
    await new Promise((resolve) => setTimeout(resolve, 100));
    running -= 1;
  });
  for (let time = 0; time < 300; time += 10) {
    call();
    await passing(10);
  }
  expect(most.length).toBeGreaterThan(2);
  expect(Math.max(...most)).toBe(1);
  call();
  over.abort();
  const before = most.length;
  await passing(1000);
  expect(most).toHaveLength(before);
});
