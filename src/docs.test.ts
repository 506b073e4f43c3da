import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { VARIABLES } from './config/variables.js';
import { CONDITIONS } from './domain/condition.js';
import { madeFrom, PAGES } from './docs.js';

describe('pages that are made from the code', () => {
  it.each(Object.keys(PAGES))('%s is what the code says (npm run docs writes it)', async (path) => {
    const text = await readFile(path, 'utf8');
    expect(text).toBe(await madeFrom(path, text));
  });

  it('lack no variable and no condition', async () => {
    const configuration = await readFile('docs/configuration.md', 'utf8');
    for (const name of Object.keys(VARIABLES)) expect(configuration).toContain(`\`${name}\``);
    const operating = await readFile('docs/operating.md', 'utf8');
    for (const reason of Object.values(CONDITIONS).flatMap((reasons) => Object.keys(reasons))) {
      expect(operating).toContain(`\`${reason}\``);
    }
  });

  it('tell of no reason that nothing sets', async () => {
    const sources = (await readdir('src', { recursive: true })).filter((name) =>
      /(?<!\.test|domain\/condition)\.ts$/.test(name),
    );
    const code = (await Promise.all(sources.map((name) => readFile(`src/${name}`, 'utf8')))).join('');
    for (const reason of Object.values(CONDITIONS).flatMap((reasons) => Object.keys(reasons))) {
      expect(code).toContain(`'${reason}'`);
    }
  });

  it('say of each variable and reason what it is, in whole sentences', () => {
    const meanings = Object.values(CONDITIONS).flatMap((reasons) =>
      Object.values(reasons).map(({ meaning }) => meaning),
    );
    for (const meaning of [...meanings, ...Object.values(VARIABLES).map((variable) => variable.meaning)]) {
      expect(meaning).toMatch(/^[A-Z`].*\.$/);
    }
  });
});
