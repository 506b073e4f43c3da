import { judge, type Result } from './result.js';

const HEAD = ['work', 'pkgserver', 'native', 'ratio', 'limit', 'verdict'];
const HEAD_OF_SLOPES = ['work', 'whole', 'a tenth', 'slope', 'limit', 'verdict'];

const headOf = (results: readonly Result[]): string[] =>
  results.length > 0 && results.every(({ beside }) => beside === 'a tenth') ? HEAD_OF_SLOPES : HEAD;

/** One result in cells: medians, with the lowest and highest value behind them. */
function cells(result: Result): string[] {
  const { native, ratio, passed } = judge(result);
  const verdict = passed === null ? '' : passed ? 'pass' : 'FAIL';
  return [
    result.work,
    spread(result.ours, result),
    native === null ? '' : spread(result.native, result),
    ratio === null ? '' : ratio.toFixed(2),
    limitOf(result),
    verdict,
  ];
}

export function plainTable(results: readonly Result[]): string {
  return aligned([headOf(results), ...results.map(cells)])
    .map((row) => row.join('  ').trimEnd())
    .join('\n');
}

/** With one more column, where there is one. */
export function markdownTable(results: readonly Result[], more?: { head: string; of: readonly string[] }): string {
  if (more === undefined) return markdownRows([headOf(results), ...results.map(cells)]);
  return markdownRows([
    [...headOf(results), more.head],
    ...results.map((result, index) => [...cells(result), more.of[index] ?? '']),
  ]);
}

/** As prettier would have it; the first row is the head. */
export function markdownRows(table: readonly string[][]): string {
  const [head = [], ...rows] = aligned(table);
  const line = head.map((cell) => '-'.repeat(cell.length));
  return [head, line, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function aligned(rows: readonly string[][]): string[][] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
}

function spread(values: readonly number[], result: Result): string {
  const middle = judge({ ours: [...values], native: [] }).ours;
  const text = `${figure(middle)} ${result.unit}`;
  return values.length < 2 ? text : `${text} (${figure(Math.min(...values))}–${figure(Math.max(...values))})`;
}

function limitOf({ limit, unit }: Result): string {
  if (!limit) return '';
  const sign = limit.comparison === '<=' ? '≤' : '≥';
  return limit.of === 'ratio' ? `${sign} ${limit.value} ×` : `${sign} ${limit.value} ${unit}`;
}

/** Three digits that count. */
export const figure = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
