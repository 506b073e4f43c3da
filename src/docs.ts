import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { rolesTables } from './access/roles-page.js';
import { configurationPage } from './config/configuration-page.js';
import { EVENT_TYPES } from './events/event-types.js';
import { CONDITIONS, type Reason } from './domain/condition.js';

/** The pages that are made from the code, wholly or in a part: path → how the text becomes what it has to be. */
export const PAGES: Readonly<Record<string, (text: string) => string>> = {
  'docs/access.md': (text) => withPart(text, 'roles', rolesTables()),
  'docs/configuration.md': configurationPage,
  'docs/events.md': (text) => withPart(text, 'types', eventTypesTable()),
  'docs/operating.md': (text) => withPart(text, 'conditions', conditionsTable()),
};

/** The page as `npm run docs` leaves it. `text` is what is there now. */
export async function madeFrom(path: string, text: string): Promise<string> {
  // Needed where the pages are written and nowhere else, so it is not installed with the service.
  const { format, resolveConfig } = await import('prettier');
  const page = PAGES[path]?.(text) ?? text;
  return format(page, { ...(await resolveConfig(path)), parser: 'markdown' });
}

function withPart(text: string, name: string, part: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`There is no place between ${begin} and ${end}.`);
  return `${text.slice(0, from + begin.length)}\n\n${part}\n${text.slice(to)}`;
}

function conditionsTable(): string {
  const rows = Object.entries(CONDITIONS).flatMap(([type, reasons]) =>
    Object.entries(reasons).map(
      ([reason, { status, meaning, todo }]: [string, Reason]) =>
        `| \`${type}\` | ${status} | \`${reason}\` | ${`${meaning} ${todo ?? ''}`.trim()} |`,
    ),
  );
  return `| type | status | reason | |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

function eventTypesTable(): string {
  const rows = Object.entries(EVENT_TYPES).map(([type, meaning]) => `| \`${type}\` | ${meaning} |`);
  return `| type | |\n| --- | --- |\n${rows.join('\n')}\n`;
}

/** Writes the pages; with `--check` only says which of them are not what the code says. */
async function main(check: boolean): Promise<void> {
  for (const path of Object.keys(PAGES)) {
    const file = new URL(`../${path}`, import.meta.url);
    const text = await readFile(file, 'utf8').catch(() => '');
    const expected = await madeFrom(path, text);
    if (!check) await writeFile(file, expected);
    else if (text !== expected) {
      console.error(`${path} is not what the code says. Run "npm run docs" and commit it.`);
      process.exitCode = 1;
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.includes('--check'));
