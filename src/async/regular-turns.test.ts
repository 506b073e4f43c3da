import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RegularTurns } from './regular-turns.js';

let found: boolean;
let begun: number[];
let turns: RegularTurns;
beforeEach(() => {
  vi.useFakeTimers();
  [found, begun] = [false, []];
  turns = new RegularTurns(
    async () => {
      begun.push(Math.round(performance.now() - from));
      return found;
    },
    1_000,
    8_000,
  );
  const from = performance.now();
  turns.start();
});
afterEach(() => vi.useRealTimers());

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

it('takes its time while there is nothing to do, up to the longest pause', async () => {
  await pass(31_000);
  expect(begun).toEqual([1_000, 3_000, 7_000, 15_000, 23_000, 31_000]);
});

it('goes on at its pace while there is something, and once there was', async () => {
  await pass(7_000);
  found = true;
  await pass(10_000);
  expect(begun).toEqual([1_000, 3_000, 7_000, 15_000, 16_000, 17_000]);
});

it('takes a turn at once when it is asked for', async () => {
  await pass(8_000);
  turns.soon();
  await pass(0);
  expect(begun.at(-1)).toBe(8_000);
});

it('takes one within the shortest pause for all who ask', async () => {
  await pass(8_000);
  turns.within();
  await pass(500);
  turns.within();
  await pass(500);
  expect(begun).toEqual([1_000, 3_000, 7_000, 9_000]);
});

it('takes none by itself once it was stopped', async () => {
  await turns.stop();
  turns.within();
  await pass(60_000);
  expect(begun).toEqual([]);
});
