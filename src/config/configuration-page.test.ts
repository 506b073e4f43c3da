import { readFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { configurationPage } from './configuration-page.js';
import { SECTIONS, VARIABLES } from './variables.js';

describe('docs/configuration.md', () => {
  it('is what the variables say (npm run docs writes it)', async () => {
    const style = await resolveConfig('docs/configuration.md');
    const expected = await format(configurationPage(), { ...style, parser: 'markdown' });
    expect(await readFile('docs/configuration.md', 'utf8')).toBe(expected);
  });

  it('shows every variable that is read, in one section', () => {
    const shown = SECTIONS.flatMap(({ variables }) => Object.keys(variables));
    expect(shown.sort()).toEqual(Object.keys(VARIABLES).sort());
  });

  it('says of each what it is, in whole sentences', () => {
    for (const [name, { meaning }] of Object.entries(VARIABLES)) expect(meaning, name).toMatch(/^[A-Z`].*\.$/);
  });
});
