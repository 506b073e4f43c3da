import { cpus, totalmem } from 'node:os';
import { readFile, writeFile } from 'node:fs/promises';
import { git } from '../../test/support/git-command.js';
import type { Options } from '../options.js';
import type { Result } from './result.js';
import { markdownTable } from './table.js';

const BEGIN = '<!-- bench:begin -->';
const END = '<!-- bench:end -->';

/** Where the figures come from. */
export async function describeRun(options: Options): Promise<string> {
  const gitVersion = (await git(['--version'])).toString().trim();
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${memory} GiB, ${process.platform}`,
    `Node ${process.versions.node}, ${gitVersion}`,
    `${options.quick ? 'quick, ' : ''}${options.rounds} rounds, seed ${options.seed}`,
  ].join('; ');
}

/** Puts the table between the two marks of a Markdown page; what is around them stays. */
export async function writePage(file: string, origin: string, results: readonly Result[]): Promise<void> {
  await writeFile(file, withTable(await readFile(file, 'utf8'), origin, results));
}

export function withTable(page: string, origin: string, results: readonly Result[]): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`The page has no ${BEGIN} … ${END} to write the table between.`);
  const notes = results.flatMap(({ work, notes }) => notes.map((note) => `- ${work}: ${note}`));
  const table = [
    markdownTable(results),
    `Medians (lowest–highest). ${origin}.`,
    ...(notes.length > 0 ? [notes.join('\n')] : []),
  ];
  return `${page.slice(0, begin)}${BEGIN}\n\n${table.join('\n\n')}\n\n${page.slice(end)}`;
}
