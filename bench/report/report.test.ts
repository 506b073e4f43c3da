import { describe, expect, it } from 'vitest';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { latest, type MeasuredVersion, readHistory, slowdowns, withRun, writeHistory } from './history.js';
import { between, historyTables, latestTables, writePage } from './page.js';
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
    const run = version('aaaaaaaa', { sync: [result] });
    const written = between(page, 'bench', latestTables([run], run, ['sync']));
    expect(written).toContain('before\n');
    expect(written).toMatch(/\| sync \|.*\| aaaaaaaa \|/);
    expect(written).toContain('a machine');
    expect(written).toContain('- sync: why');
    expect(written).toContain('\nafter\n');
    expect(written).not.toContain('old');
    expect(between(written, 'bench', latestTables([run], run, ['sync']))).toBe(written);
  });

  it('are by themselves for what is beside a tenth of itself, and for each kind of machine', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'pkgserver-bench-')), 'page.md');
    await writeFile(file, '<!-- bench:begin --><!-- bench:end -->\n<!-- history:begin --><!-- history:end -->\n');
    const slope: Result = { ...result, row: 'large', work: 'large: list', beside: 'a tenth' };
    const runs = [
      version('one', { sync: [result], large: [slope] }),
      version('two', { large: [slope] }, { machine: 'another', size: 'quick' }),
    ];
    await writePage(file, runs, ['sync', 'large']);
    const heads = [
      /\| work +\| pkgserver/,
      /\| sync /,
      /\| whole +\| a tenth/,
      /\| large: list .* one /,
      /a machine; five/,
    ];
    const others = [/\| whole +\| a tenth/, /\| large: list .* two /, /another; `--quick`; five/, /2\.00 × a tenth/];
    const written = await readFile(file, 'utf8');
    expect(written).toMatch(new RegExp([...heads, ...others].map(({ source }) => source).join('[^]*')));
    await rm(dirname(file), { recursive: true });
  });

  it('refuse a page without marks', () => {
    expect(() => between('nothing', 'bench', [])).toThrow('bench:begin');
  });
});

/** Measured on one kind of machine. */
const version = (
  name: string,
  rows: MeasuredVersion['rows'],
  more: Partial<MeasuredVersion> = {},
): MeasuredVersion => ({
  ...{ version: name, day: '2026-11-30', machine: 'a machine', size: 'whole', setup: 'five rounds', rows },
  ...more,
});
const alone = (work: string, ours: number, unit: Result['unit'] = 'ms'): Result => ({
  ...{ row: 'reads', work, unit, ours: [ours], native: [], notes: [] },
});

describe('the history', () => {
  it('names what became slower by more than a fifth since it was measured last, the worst first', () => {
    const history = [
      version('old', { reads: [alone('list', 1), alone('gone', 1), alone('load', 100, 'req/s'), alone('page', 10)] }),
      version('mid', { reads: [alone('list', 10), alone('load', 100, 'req/s'), alone('page', 10)] }),
      version('one', { sync: [result] }),
    ];
    const run = version('new', {
      reads: [alone('list', 12.5), alone('load', 70, 'req/s'), alone('page', 12), alone('born', 99)],
      sync: [{ ...result, ours: [90], native: [40] }],
    });
    expect(slowdowns(history, run)).toMatchObject([
      { work: 'load', before: '100 req/s', now: '70.0 req/s', since: 'mid' },
      { work: 'list', before: '10.0 ms', now: '12.5 ms', since: 'mid' },
    ]);
    // By the ratio to native, which a busy machine leaves as it is.
    run.rows.sync = [{ ...result, ours: [25], native: [10] }];
    expect(slowdowns(history, run)).toContainEqual(expect.objectContaining({ work: 'sync', since: 'one' }));
  });

  it('compares nothing with another machine, with other data, or with itself', () => {
    const reads = [alone('list', 10)];
    const history = [
      version('one', { reads }, { machine: 'another' }),
      version('two', { reads }, { size: 'quick' }),
      version('new', { reads }),
    ];
    expect(slowdowns(history, version('new', { reads: [alone('list', 99)] }))).toEqual([]);
  });

  it('replaces rows that are measured again, and keeps the others', () => {
    const first = version('one', { reads: [alone('list', 10), alone('page', 10)], sync: [result] });
    const again = version('one', { reads: [alone('list', 9)] }, { day: '2026-12-01' });
    expect(withRun([first], again)).toEqual([{ ...first, day: '2026-12-01', rows: { ...first.rows, ...again.rows } }]);
    const quick = version('one', { reads: [alone('list', 9)] }, { size: 'quick' });
    expect(withRun([first], quick)).toEqual([first, quick]);
  });

  it('has the newest of each row, in the order of the rows, and none of rows that are gone', () => {
    const first = version('one', { reads: [alone('list', 10)], sync: [result], gone: [alone('gone', 1)] });
    const second = version('two', { reads: [alone('list', 9)] });
    const found = latest([first, second], second, ['sync', 'reads']);
    expect(found.map(({ result: { work }, version }) => [work, version])).toEqual([
      ['sync', 'one'],
      ['list', 'two'],
    ]);
    const [head, table] = historyTables([first, second], ['sync', 'reads']);
    expect(head).toBe('### a machine, whole');
    expect(table?.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))).toEqual([
      ['', 'work', 'one, 2026-11-30', 'two, 2026-11-30', ''],
      ['', expect.stringMatching(/^-+$/), expect.any(String), expect.any(String), ''],
      ['', 'sync', '20.0 ms (2.00 × native)', '', ''],
      ['', 'list', '10.0 ms', '9.00 ms', ''],
    ]);
  });

  it('is a file that reads as it was written, and empty where there is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pkgserver-bench-'));
    const file = join(folder, 'history.json');
    expect(await readHistory(file)).toEqual([]);
    const history = [
      version('one', { reads: [alone('list', 10)], sync: [result] }),
      version('two', { sync: [result] }),
    ];
    await writeHistory(file, history);
    expect(await readHistory(file)).toEqual(history);
    await rm(folder, { recursive: true });
  });
});
