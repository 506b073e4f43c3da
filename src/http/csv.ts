import { RawContent } from './reply.js';

/** Lines of a CSV at most. */
export const MOST_LINES = 100_000;

type Cell = string | number | null | undefined;

/** RFC 4180, with a header. */
export function csvContent(header: readonly string[], lines: readonly (readonly Cell[])[]): RawContent {
  const text = [header, ...lines].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
  return new RawContent(Buffer.from(text), { mediaType: 'text/csv; charset=utf-8; header=present' });
}

/** A text that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csvCell(value: Cell): string {
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r\n]/.test(value ?? '') ? `'${value}` : (value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
