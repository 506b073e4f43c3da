// npm run docs         writes the pages that are made from the code
// npm run docs:check   fails where one of them is not what the code says
import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { configurationPage } from '../dist/config/configuration-page.js';

const PAGES = { 'docs/configuration.md': configurationPage };

for (const [path, page] of Object.entries(PAGES)) {
  const file = new URL(`../${path}`, import.meta.url);
  const text = await format(page(), { ...(await resolveConfig(file)), parser: 'markdown' });
  if (!process.argv.includes('--check')) await writeFile(file, text);
  else if (text !== (await readFile(file, 'utf8').catch(() => ''))) {
    console.error(`${path} is not what the code says. Run "npm run docs" and commit it.`);
    process.exitCode = 1;
  }
}
