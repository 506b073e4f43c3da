import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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

describe('what people wrote', () => {
  const read = async () => {
    const names = (await readdir('docs', { recursive: true })).filter((name) => name.endsWith('.md'));
    const paths = ['README.md', 'CONTRIBUTING.md', ...names.map((name) => join('docs', name))];
    return Promise.all(paths.map(async (path) => ({ path, text: await readFile(path, 'utf8') })));
  };
  const anchors = (text: string) =>
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );

  it('links to pages and headings that are there', async () => {
    const pages = await read();
    const broken = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].flatMap(([, link = '']) => {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? path : join(dirname(path), file);
        const page = pages.find((candidate) => candidate.path === target);
        const found = existsSync(target) && (anchor === undefined || !page || anchors(page.text).includes(anchor));
        return found ? [] : [`${path}: ${link}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  it('tells of every folder of src', async () => {
    const page = await readFile('docs/architecture.md', 'utf8');
    const folders = (await readdir('src', { withFileTypes: true })).filter((entry) => entry.isDirectory());
    for (const { name } of folders) expect(page).toContain(`| \`${name}/\` `);
  });

  it('names files that are there', async () => {
    const broken = (await read()).flatMap(({ path, text }) =>
      [...text.matchAll(/`((?:[\w-]+\/)+[\w.-]+\.(?:ts|mjs|md|prisma))`/g)].flatMap(([, name = '']) =>
        existsSync(name) || existsSync(join('src', name)) ? [] : [`${path}: ${name}`],
      ),
    );
    expect(broken).toEqual([]);
  });
});
