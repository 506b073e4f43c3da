import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError } from './errors.js';
import { isLocalName, parseGitUrl } from './git-url.js';

/** Not `fc.webPath`, which takes a second to begin with. */
const path = fc
  .array(fc.stringMatching(/^[a-zA-Z0-9._~%-]{0,8}$/), { minLength: 1 })
  .map((segments) => `/${segments.join('/')}`);

describe('parseGitUrl', () => {
  it.each([
    'https://git.example.com/team/a',
    'https://GIT.example.com/team/a.git',
    'https://git.example.com:443/team/a.git/',
    'http://git.example.com:80/team/a//',
    'https://git.example.com/team/%61',
    'https://git.example.com//team/a',
    'https://git.example.com//team/a/.',
    'ssh://git@git.example.com/team/a',
    'SSH://bob@GIT.example.com:22//team/%61.git/',
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
    'git.example.com:a/b.git',
    'ssh:git@git.example.com/a',
    'ssh:///a',
    'ssh://git.example.com/a',
    'ssh://@git.example.com/a',
    'ssh://git@/a',
    'ssh://git@git.example.com',
    'ssh://git@git.example.com/',
    'ssh://git@git.example.com:a/b',
    'ssh://git@git.example.com:0/a',
    'ssh://git@git.example.com:99999/a',
    'ssh://git@git.example.com/a?b',
    'ssh://git@git.example.com/a#b',
    'ssh://git@git.example.com/a%0Ab',
    'ssh://git:hunter2@git.example.com/a',
    'ssh://git:@git.example.com/a',
    'ssh://a@b@git.example.com/a',
    'ssh://-oProxyCommand=x@git.example.com/a',
    'ssh://git@-oProxyCommand=x/a',
    'ssh://git@a=b/a',
    'ssh://%2doProxyCommand@git.example.com/a',
    'ssh://git@%2doProxyCommand/a',
    'ssh://git@[::1/a',
    'git+ssh://git@git.example.com/a',
    `https://git.example.com/${'a'.repeat(2048)}`,
  ])('refuses %s', (url) => {
    expect(() => parseGitUrl(url)).toThrow(DomainError);
  });

  it.each([
    ['ssh://git@GIT.example.com:22/a', 'ssh://git@git.example.com/a'],
    ['ssh://git@127.1/a', 'ssh://git@127.0.0.1/a'],
    ['ssh://git@0x7f000001:2222/a', 'ssh://git@127.0.0.1:2222/a'],
    ['ssh://git@[0:0::1]:2222/a/../b', 'ssh://git@[::1]:2222/b'],
    ['ssh://git@git.example.com/~/a', 'ssh://git@git.example.com/~/a'],
  ])('dials %s as %s', (url, href) => {
    expect(parseGitUrl(url).href).toBe(href);
  });

  it('keeps apart the homes of two users, and no other paths of theirs', () => {
    const keyOf = (user: string, path: string) => parseGitUrl(`ssh://${user}@git.example.com${path}`).key;
    expect(keyOf('ada', '/~/a')).not.toBe(keyOf('bob', '/~/a'));
    expect(keyOf('ada', '/~/a')).toBe(keyOf('bob', '/~ada/a'));
    expect(keyOf('ada', '/a')).toBe(keyOf('bob', '/a'));
  });

  it.each([
    ['git@git.example.com:a/b.git', 'ssh://user@host/path'],
    ['ssh://git.example.com/a', 'Say who signs in'],
    ['ssh://me:hunter2@git.example.com/a', 'type ssh'],
  ])('says of %s what to do', (url, hint) => {
    expect(() => parseGitUrl(url)).toThrow(hint);
  });

  it('dials an ssh URL as what it dialled it as', () => {
    const port = fc.option(fc.integer({ min: 1, max: 65_535 }));
    fc.assert(
      fc.property(fc.domain(), port, path, (host, port, path) => {
        const text = `ssh://git@${host}${port === null ? '' : `:${port}`}${path}`;
        fc.pre(URL.canParse(text) && !/^[/]*(\.git)?[/]*$/.test(new URL(text).pathname) && !/%[01]|%7f/i.test(text));
        const { href, key } = parseGitUrl(text);
        expect(parseGitUrl(href)).toMatchObject({ href, key });
      }),
    );
  });

  it('never repeats what it was given, which may hold a password', () => {
    fc.assert(
      fc.property(fc.constantFrom('http', 'https', 'ssh'), fc.string(), (scheme, rest) => {
        try {
          parseGitUrl(`${scheme}://me:hunter2@${rest}`);
          return false;
        } catch (error) {
          return error instanceof DomainError && !JSON.stringify([error.message, error.data]).includes('hunter2');
        }
      }),
    );
  });

  it('gives a key that is its own key', () => {
    fc.assert(
      fc.property(fc.domain(), path, (host, path) => {
        const url = `https://${host}${path}`;
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
