import { describe, expect, it } from 'vitest';
import { withTable } from './page.js';
import { judge, type Result } from './result.js';
import { median } from './statistics.js';
import { markdownTable, plainTable } from './table.js';

const result: Result = {
  row: 'sync',
  work: 'sync',
  unit: 'ms',
  ours: [30, 10, 20],
  native: [10, 10],
  limit: { of: 'ratio', comparison: '<=', value: 1.5 },
  notes: ['why'],
};

describe('median', () => {
  it('is the one in the middle, whatever the order', () => expect(median([9, 1, 5])).toBe(5));
  it('is between the two in the middle', () => expect(median([4, 1, 3, 2])).toBe(2.5));
  it('of nothing is no number', () => expect(median([])).toBeNaN());
});

describe('judge', () => {
  it('compares the medians', () => {
    expect(judge(result)).toEqual({ ours: 20, native: 10, ratio: 2, passed: false });
  });

  it('passes at the limit itself', () => {
    expect(judge({ ...result, ours: [15] }).passed).toBe(true);
    expect(judge({ ...result, ours: [5], limit: { of: 'ratio', comparison: '>=', value: 0.5 } }).passed).toBe(true);
    expect(judge({ ...result, ours: [4], limit: { of: 'ratio', comparison: '>=', value: 0.5 } }).passed).toBe(false);
  });

  it('takes a figure by itself', () => {
    const limit = { of: 'ours', comparison: '<=', value: 19 } as const;
    expect(judge({ ...result, native: [], limit })).toEqual({ ours: 20, native: null, ratio: null, passed: false });
  });

  it('passes nothing that was not measured', () => {
    expect(judge({ ...result, ours: [] }).passed).toBe(false);
  });

  it('has no verdict without a limit', () => {
    expect(judge({ ...result, limit: undefined }).passed).toBeNull();
  });
});

describe('tables', () => {
  it('show medians, spread, limit and verdict', () => {
    expect(plainTable([result]).split('\n')[1]).toBe(
      'sync  20.0 ms (10.0–30.0)  10.0 ms (10.0–10.0)  2.00   ≤ 1.5 ×  FAIL',
    );
    expect(markdownTable([result]).split('\n')[2]).toBe(
      '| sync | 20.0 ms (10.0–30.0) | 10.0 ms (10.0–10.0) | 2.00  | ≤ 1.5 × | FAIL    |',
    );
  });

  it('replace what is between the marks of a page', () => {
    const page = 'before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n';
    const written = withTable(page, 'a machine', [result]);
    expect(written).toContain('before\n');
    expect(written).toContain('| sync |');
    expect(written).toContain('a machine');
    expect(written).toContain('- sync: why');
    expect(written).toContain('\nafter\n');
    expect(written).not.toContain('old');
    expect(withTable(written, 'a machine', [result])).toBe(written);
  });

  it('refuse a page without marks', () => {
    expect(() => withTable('nothing', 'a machine', [result])).toThrow('bench:begin');
  });
});
