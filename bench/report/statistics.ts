/** Of the values in their order the one in the middle; of an even number of values the mean of the two. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] as number;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] as number)) / 2 : upper;
}

/** How long `work` takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** Runs both works in turn, so many times each, the first of a round alternating; gives the milliseconds of each. */
export async function alternate(
  rounds: number,
  ours: (round: number) => Promise<number>,
  native: (round: number) => Promise<number>,
): Promise<{ ours: number[]; native: number[] }> {
  const times = { ours: [] as number[], native: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) times.ours.push(await ours(round));
    times.native.push(await native(round));
    if (round % 2 === 1) times.ours.push(await ours(round));
  }
  return times;
}
