import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkFilePaths } from './file-path.js';

describe('checkFilePaths', () => {
  it.each([
    'a',
    'Kptfile',
    'a/b/c.yaml',
    'über/ñ 日本.yaml',
    '.gitignore',
    '.github/workflows/a.yml',
    '.gitattributes',
    'a.git/b',
    'git~2',
    '..a/b..',
    '...',
    'a:b',
    'x'.repeat(1024),
  ])('accepts %j', (path) => {
    expect(checkFilePaths([path])).toEqual([]);
  });

  it.each([
    '',
    '/',
    '/x',
    'x/',
    'a//b',
    '.',
    '..',
    '../other/x',
    'a/../b',
    'a/./b',
    '.git',
    '.git/config',
    'a/.GIT/b',
    'a/.git',
    '.git /b',
    '.git./b',
    '.git. .',
    '.git::$INDEX_ALLOCATION/config',
    'git~1/config',
    'GIT~1',
    '.g\u200cit/config',
    '\ufeff.git',
    'a\\b',
    '..\\x',
    'a\0b',
    'a\nb',
    'a\u007f',
    'a\ud800',
    `${'é'.repeat(512)}x`,
  ])('refuses %j', (path) => {
    expect(checkFilePaths([path])).toMatchObject([{ code: 'invalidPath' }]);
  });

  it('refuses a file that is a folder too', () => {
    expect(checkFilePaths(['a/b', 'a/b/c', 'a/bc', 'd'])).toEqual([
      { pointer: '/files/a~1b~1c', code: 'invalidPath', message: '"a/b" is a file, so it cannot be a folder too.' },
    ]);
  });

  it('accepts only paths that stay what they are when resolved', () => {
    const part = fc.constantFrom('..', '.', '', 'a', '.git', '\\', '/', '//', 'b.yaml');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const path = parts.join('/');
        if (checkFilePaths([path]).length > 0) return;
        expect(new URL(path, 'file:///package/').pathname).toBe(`/package/${path}`);
      }),
    );
  });
});
