import { median } from './statistics.js';

export type Unit = '×' | 'ms' | 'MiB' | 'req/s' | 'requests' | 's';

/** One line of the table. */
export interface Result {
  row: string;
  work: string;
  unit: Unit;
  ours: number[];
  /** The same by native tools; empty where a figure stands for itself. */
  native: number[];
  /** What `native` holds where no native tool is beside it: the same work at a tenth of the size. */
  beside?: 'a tenth';
  /** On the medians: `ratio` of ours to native, or `ours` itself. Undefined: for information. */
  limit?: { of: 'ratio' | 'ours'; comparison: '<=' | '>='; value: number };
  /** What else is worth knowing, e.g. where the time goes. */
  notes: string[];
}

export interface Judged {
  ours: number;
  native: number | null;
  ratio: number | null;
  passed: boolean | null;
}

export function judge({ ours, native, limit }: Pick<Result, 'ours' | 'native' | 'limit'>): Judged {
  const middle = median(ours);
  const reference = native.length > 0 ? median(native) : null;
  const ratio = reference === null ? null : middle / reference;
  const value = limit?.of === 'ratio' ? ratio : middle;
  if (!limit || value === null) return { ours: middle, native: reference, ratio, passed: null };
  // A value that is no number passes nothing.
  const passed = limit.comparison === '<=' ? value <= limit.value : value >= limit.value;
  return { ours: middle, native: reference, ratio, passed };
}
