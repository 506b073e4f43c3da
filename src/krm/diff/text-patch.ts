import { diffArrays, structuredPatch } from 'diff';

/** How long may be looked for the way between versions of one file, and of all files of a comparison. */
const ONE_FILE_MS = 1_000;
const ALL_FILES_MS = 4_000;
const CONTEXT = 3;

/** The time that the texts of one comparison may still take. */
export class Stopwatch {
  constructor(private left = ALL_FILES_MS) {}

  /** Runs the work, which may take so many milliseconds. */
  run<Result>(work: (most: number) => Result): Result {
    const start = performance.now();
    try {
      return work(Math.max(1, Math.min(ONE_FILE_MS, this.left)));
    } finally {
      this.left -= performance.now() - start;
    }
  }
}

/**
 * The hunks of a unified diff of two texts, as `git apply` takes them; '' for equal ones. A text that it would take too long
 * for is told as replaced.
 */
export function textHunks(from: string, to: string, watch: Stopwatch): string {
  if (from === to) return '';
  const found = watch.run((timeout) =>
    structuredPatch('a', 'b', from, to, undefined, undefined, { context: CONTEXT, timeout }),
  );
  if (found === undefined) return replaced(from, to);
  return found.hunks
    .map(({ oldStart, oldLines, newStart, newLines, lines }) => {
      return `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@\n${lines.map((line) => `${line}\n`).join('')}`;
    })
    .join('');
}

const range = (start: number, lines: number): string =>
  lines === 1 ? String(start) : `${lines === 0 ? Math.max(start - 1, 0) : start},${lines}`;

function replaced(from: string, to: string): string {
  const [old, fresh] = [linesOf(from), linesOf(to)];
  const head = `@@ -${old.length > 0 ? 1 : 0},${old.length} +${fresh.length > 0 ? 1 : 0},${fresh.length} @@\n`;
  return head + marked('-', from, old) + marked('+', to, fresh);
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function marked(sign: string, text: string, lines: readonly string[]): string {
  const end = text === '' || text.endsWith('\n') ? '' : '\\ No newline at end of file\n';
  return lines.map((line) => `${sign}${line}\n`).join('') + end;
}

/** A stretch of lines that another version has replaced; the lines are counted from 0, `end` is the first that stays. */
export interface ChangedLines {
  start: number;
  end: number;
  lines: string[];
}

/** What another version has replaced, in the order of the lines; null: it would take too long to find. */
export function changedLines(base: string[], side: string[], watch: Stopwatch): ChangedLines[] | null {
  const changes = watch.run((timeout) => diffArrays(base, side, { timeout }));
  if (changes === undefined) return null;
  const found: ChangedLines[] = [];
  let at = 0;
  for (const { added, removed, value } of changes) {
    const last = found.at(-1);
    if (!added && !removed) at += value.length;
    else if (added) {
      if (last && last.end === at && last.lines.length === 0) last.lines = value;
      else found.push({ start: at, end: at, lines: value });
    } else {
      if (last && last.end === at && last.start === at) last.end += value.length;
      else found.push({ start: at, end: at + value.length, lines: [] });
      at += value.length;
    }
  }
  return found;
}
