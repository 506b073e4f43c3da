import type { Result, Unit } from '../../report/result.js';

/** One work as it was measured at one size. */
export interface Work {
  work: string;
  /** Milliseconds unless another unit is named. */
  unit?: Unit;
  values: number[];
  /** Whether it does more where there is more; what does not may not take longer either. */
  grows: boolean;
  notes?: string[];
}

/** Ten times the work takes ten times as long, and a little more for what a larger machine would keep in its caches. */
const MOST_OF_ALL = 12;
/** A request that asks for no more: what is left for noise, and for one more level of an index. */
const MOST_OF_A_PART = 2;

/** The same works at a tenth of the size and at the whole: the ratio of both is the slope. */
export async function slopes(
  row: string,
  whole: number,
  measure: (size: number) => Promise<Work[]>,
): Promise<Result[]> {
  const tenth = await measure(whole / 10);
  const all = await measure(whole);
  return all.map(({ work, unit = 'ms', values, grows, notes = [] }) => ({
    ...{ row, work, unit, notes, ours: values },
    native: tenth.find((other) => other.work === work)?.values ?? [],
    beside: 'a tenth',
    limit: { of: 'ratio', comparison: '<=', value: grows ? MOST_OF_ALL : MOST_OF_A_PART },
  }));
}
