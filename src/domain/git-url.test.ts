import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError } from './errors.js';
import { isLocalName, parseGitUrl } from './git-url.js';

describe('parseGitUrl', () => {
  it.each([
    'https://git.example.com/team/a',
    'https://GIT.example.com/team/a.git',
    'https://git.example.com:443/team/a.git/',
    'http://git.example.com:80/team/a//',
    'https://git.example.com/team/%61',
    'https://git.example.com//team/a',
  ])('takes %s as the repository git.example.com/team/a', (url) => {
    expect(parseGitUrl(url).key).toBe('git.example.com/team/a');
  });

  it('keeps apart another port, another case of the path, and another path', () => {
    const urls = [':8443/team/a', '/team/A', '/team/a.b', '/team'].map((rest) => `https://git.example.com${rest}`);
    expect(new Set(['git.example.com/team/a', ...urls.map((url) => parseGitUrl(url).key)]).size).toBe(5);
  });

  it.each([
    '',
    'git.example.com/a',
    'https:/git.example.com/a',
    'https:git.example.com/a',
    'https:///a',
    'https://git.example.com',
    'https://git.example.com/.git',
    'https://git.example.com/a#b',
    'https://git.example.com/a?',
    'https://git.example.com/a b',
    'https://git.example.com\\@evil.example.com/a',
    'https://git.exam\tple.com/a',
    'https://user@git.example.com/a',
    'https://:hunter2@git.example.com/a',
    'https://git.example.com:99999/a',
    'file:///etc/passwd',
    'git@git.example.com:a/b.git',
    `https://git.example.com/${'a'.repeat(2048)}`,
  ])('refuses %s', (url) => {
    expect(() => parseGitUrl(url)).toThrow(DomainError);
  });

  it('never repeats what it was given, which may hold a password', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
        try {
          parseGitUrl(url.replace('://', '://me:hunter2@'));
          return false;
        } catch (error) {
          return error instanceof DomainError && !JSON.stringify([error.message, error.data]).includes('hunter2');
        }
      }),
    );
  });

  it('gives a key that is its own key', () => {
    fc.assert(
      fc.property(fc.webUrl(), (url) => {
        fc.pre(new URL(url).pathname.replace(/\/+$/, '') !== '' && !url.includes('%'));
        const { key } = parseGitUrl(url);
        fc.pre(!key.endsWith('.git') && !key.endsWith('/'));
        return parseGitUrl(`https://${key}`).key === key;
      }),
    );
  });
});

it.each([
  ['localhost', true],
  ['LOCALHOST.', true],
  ['a.localhost', true],
  ['localhost.example.com', false],
  ['notlocalhost', false],
])('isLocalName(%s) is %s', (name, expected) => {
  expect(isLocalName(name)).toBe(expected);
});
