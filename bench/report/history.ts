import { readFile, writeFile } from 'node:fs/promises';
import { judge, type Result, type Unit } from './result.js';
import { figure } from './table.js';

/** What one version of pkgserver was measured to do on one kind of machine. */
export interface MeasuredVersion {
  /** The commit, in short; with `+` behind it where the tree held more than that. */
  version: string;
  /** The day of its newest measurement, as `2026-11-30`. */
  day: string;
  /** Figures are compared within one kind of machine and one size of data alone. */
  machine: string;
  size: 'quick' | 'whole';
  /** What else the figures depend on: versions of programs, rounds, seed. */
  setup: string;
  /** By the names of rows. A row that is measured again replaces what was measured of it. */
  rows: Record<string, Result[]>;
}

/** A work that takes more than it did in the version that was measured last. */
export interface Slowdown {
  work: string;
  before: string;
  now: string;
  since: string;
  /** How many times as slow it is. */
  factor: number;
}

/** What is slower by no more than this may be the machine. */
const MOST_SLOWER = 1.2;
const LATER_IS_MORE: readonly Unit[] = ['req/s'];

/** In the order in which the versions were first measured; none where there is no such file. */
export async function readHistory(file: string): Promise<MeasuredVersion[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as MeasuredVersion[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export async function writeHistory(file: string, history: readonly MeasuredVersion[]): Promise<void> {
  // A line for each result: what a run changed is what a diff shows.
  const lines = history.map(({ rows, ...version }) => {
    const written = Object.entries(rows).map(([row, results]) => {
      const each = results.map((result) => `        ${JSON.stringify(result, shortened)}`).join(',\n');
      return `      ${JSON.stringify(row)}: [\n${each}\n      ]`;
    });
    const head = JSON.stringify(version).slice(1, -1);
    return `  {\n    ${head},\n    "rows": {\n${written.join(',\n')}\n    }\n  }`;
  });
  await writeFile(file, `[\n${lines.join(',\n')}\n]\n`);
}

/** Four digits that count: more are noise, and make long lines. */
const shortened = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toPrecision(4)) : value;

/** The history with a run in it: of a version that is known for this machine and size the rows that were measured are replaced. */
export function withRun(history: readonly MeasuredVersion[], run: MeasuredVersion): MeasuredVersion[] {
  const isSame = (other: MeasuredVersion) => isComparable(other, run) && other.version === run.version;
  const known = history.find(isSame);
  if (known === undefined) return [...history, run];
  return history.map((other) => (isSame(other) ? { ...run, rows: { ...other.rows, ...run.rows } } : other));
}

/** What the run takes more than 20 % longer for than the version that was measured last before it, the worst first. */
export function slowdowns(history: readonly MeasuredVersion[], run: MeasuredVersion): Slowdown[] {
  const earlier = history.filter((other) => isComparable(other, run) && other.version !== run.version).toReversed();
  const found = Object.entries(run.rows).flatMap(([row, results]) =>
    results.flatMap((now): Slowdown[] => {
      const last = earlier.find(({ rows }) => rows[row]?.some((result) => isSameWork(result, now)));
      const before = last?.rows[row]?.find((result) => isSameWork(result, now));
      const factor = before === undefined ? 1 : slowerBy(before, now);
      if (last === undefined || before === undefined || !(factor > MOST_SLOWER)) return [];
      return [{ work: now.work, before: told(before), now: told(now), since: last.version, factor }];
    }),
  );
  return found.sort((left, right) => right.factor - left.factor);
}

/** For each work the newest measurement on this kind of machine, row by row in the given order, and the version that it is of. */
export function latest(
  history: readonly MeasuredVersion[],
  of: Pick<MeasuredVersion, 'machine' | 'size'>,
  rows: readonly string[],
): { result: Result; version: string }[] {
  const comparable = history.filter((version) => isComparable(version, of)).toReversed();
  return rows.flatMap((row) => {
    const newest = comparable.find((version) => row in version.rows);
    return (newest?.rows[row] ?? []).map((result) => ({ result, version: newest?.version ?? '' }));
  });
}

const isComparable = (
  left: Pick<MeasuredVersion, 'machine' | 'size'>,
  right: Pick<MeasuredVersion, 'machine' | 'size'>,
): boolean => left.machine === right.machine && left.size === right.size;

const isSameWork = (left: Result, right: Result): boolean => left.work === right.work && left.unit === right.unit;

/** By the ratios where there are any: a machine that was busy was so for both sides. */
function slowerBy(before: Result, now: Result): number {
  const [then, since] = [judge(before), judge(now)];
  const [from, to] = then.ratio !== null && since.ratio !== null ? [then.ratio, since.ratio] : [then.ours, since.ours];
  return LATER_IS_MORE.includes(now.unit) ? from / to : to / from;
}

/** Such as `5.14 ms (2.35 × native)`, or `(1.10 × a tenth)`. */
export function told(result: Result): string {
  const { ours, ratio } = judge(result);
  const text = `${figure(ours)} ${result.unit}`;
  return ratio === null ? text : `${text} (${figure(ratio)} × ${result.beside ?? 'native'})`;
}
