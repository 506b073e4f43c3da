import { readFile, writeFile } from 'node:fs/promises';
import { latest, type MeasuredVersion, told } from './history.js';
import { markdownRows, markdownTable } from './table.js';

/** As many versions as the table of the history shows, the newest. */
const MOST_VERSIONS = 5;

/** Writes the tables of a Markdown page anew, between their marks; what is around them stays. `rows`: names, in their order. */
export async function writePage(
  file: string,
  history: readonly MeasuredVersion[],
  run: MeasuredVersion,
  rows: readonly string[],
): Promise<void> {
  const page = await readFile(file, 'utf8');
  const withLatest = between(page, 'bench', latestTable(history, run, rows));
  await writeFile(file, between(withLatest, 'history', historyTables(history, rows)));
}

/** What was measured last of each row on the machine of the run. */
export function latestTable(
  history: readonly MeasuredVersion[],
  run: MeasuredVersion,
  rows: readonly string[],
): string[] {
  const measured = latest(history, run, rows);
  const notes = measured.flatMap(({ result: { work, notes } }) => notes.map((note) => `- ${work}: ${note}`));
  const extra = { head: 'version', of: measured.map(({ version }) => version) };
  return [
    markdownTable(
      measured.map(({ result }) => result),
      extra,
    ),
    `Medians (lowest–highest). ${run.machine}; ${run.setup}.`,
    ...(notes.length > 0 ? [notes.join('\n')] : []),
  ];
}

/** For each kind of machine and size of data a table: works by versions. */
export function historyTables(history: readonly MeasuredVersion[], rows: readonly string[]): string[] {
  const kinds = new Map(history.map((version) => [`${version.machine}, ${version.size}`, version]));
  return [...kinds].flatMap(([kind, { machine, size }]) => {
    const versions = history.filter((other) => other.machine === machine && other.size === size).slice(-MOST_VERSIONS);
    const results = versions.map((version) => rows.flatMap((row) => version.rows[row] ?? []));
    const works = [...new Set(latest(history, { machine, size }, rows).map(({ result }) => result.work))];
    const cells = works.map((work) => [
      work,
      ...results.map((of) => {
        const result = of.find((found) => found.work === work);
        return result === undefined ? '' : told(result);
      }),
    ]);
    return [
      `### ${kind}`,
      markdownRows([['work', ...versions.map(({ version, day }) => `${version}, ${day}`)], ...cells]),
    ];
  });
}

export function between(page: string, name: string, paragraphs: readonly string[]): string {
  const marks = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`] as const;
  const [begin, end] = [page.indexOf(marks[0]), page.indexOf(marks[1])];
  if (begin < 0 || end < begin) throw new Error(`The page has no ${marks.join(' … ')} to write between.`);
  return `${page.slice(0, begin)}${marks[0]}\n\n${paragraphs.join('\n\n')}\n\n${page.slice(end)}`;
}
