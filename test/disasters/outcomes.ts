import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Holdings } from './holdings.js';

const PAGE = join(resolve(import.meta.dirname, '../..'), 'docs/operating.md');

/** `drift`: it is told of, and `restore` brings its content back. */
export type Outcome = 'kept' | 'lost' | 'drift';
export type Outcomes = Record<string, Outcome>;

/** The columns of the table in docs/operating.md, by what stands above them. */
export type Disaster = 'restored PostgreSQL' | 'made again from Git' | 'restored Git host' | 'lost key';

/** What became of each thing, by what is there of it now. */
export function outcomesOf(before: Holdings, after: Holdings): Outcomes {
  const outcome = (what: string): Outcome => (isDeepStrictEqual(after[what], before[what]) ? 'kept' : 'lost');
  return Object.fromEntries(Object.keys(before).map((what) => [what, outcome(what)]));
}

export const allKept = (holdings: Holdings): Outcomes =>
  Object.fromEntries(Object.keys(holdings).map((what) => [what, 'kept']));

/** What docs/operating.md says becomes of each thing. */
export async function documented(disaster: Disaster): Promise<Outcomes> {
  const page = await readFile(PAGE, 'utf8');
  const [, table = ''] = /<!-- disasters:begin -->\n([^]*?)<!-- disasters:end -->/.exec(page) ?? [];
  const [head = [], , ...rows] = table.trim().split('\n').map(cellsOf);
  const column = head.indexOf(disaster);
  if (column < 0) throw new Error(`docs/operating.md has no column "${disaster}".`);
  return Object.fromEntries(rows.map((cells) => [cells[0], cells[column] as Outcome]));
}

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
