import { readFile, writeFile } from 'node:fs/promises';
import { latest, type MeasuredVersion, told } from './history.js';
import { markdownRows, markdownTable } from './table.js';

/** As many versions as the table of the history shows, the newest. */
const MOST_VERSIONS = 5;

/** Writes the tables of a Markdown page anew, between their marks; what is around them stays. `rows`: names, in their order. */
export async function writePage(
  file: string,
  history: readonly MeasuredVersion[],
  rows: readonly string[],
): Promise<void> {
  const page = await readFile(file, 'utf8');
  const tables = kindsOf(history).flatMap((kind) => latestTables(history, kind, rows));
  await writeFile(file, between(between(page, 'bench', tables), 'history', historyTables(history, rows)));
}

/** The newest version of each kind of machine and size of data. */
const kindsOf = (history: readonly MeasuredVersion[]): MeasuredVersion[] => [
  ...new Map(history.map((version) => [nameOf(version), version])).values(),
];

const nameOf = ({ machine, size }: MeasuredVersion): string => `${machine}, ${size}`;

/** What was measured last of each row on one kind of machine: beside native tools, and beside a tenth of itself. */
export function latestTables(
  history: readonly MeasuredVersion[],
  kind: MeasuredVersion,
  rows: readonly string[],
): string[] {
  const measured = latest(history, kind, rows);
  const notes = measured.flatMap(({ result: { work, notes } }) => notes.map((note) => `- ${work}: ${note}`));
  const tables = [undefined, 'a tenth' as const].flatMap((beside) => {
    const shown = measured.filter(({ result }) => result.beside === beside);
    const extra = { head: 'version', of: shown.map(({ version }) => version) };
    const results = shown.map(({ result }) => result);
    return results.length > 0 ? [markdownTable(results, extra)] : [];
  });
  const size = kind.size === 'quick' ? '`--quick`; ' : '';
  return [
    ...tables,
    `Medians (lowest–highest). ${kind.machine}; ${size}${kind.setup}.`,
    ...(notes.length > 0 ? [notes.join('\n')] : []),
  ];
}

/** For each kind of machine and size of data a table: works by versions. */
export function historyTables(history: readonly MeasuredVersion[], rows: readonly string[]): string[] {
  return kindsOf(history).flatMap((kind) => {
    const { machine, size } = kind;
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
      `### ${nameOf(kind)}`,
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
