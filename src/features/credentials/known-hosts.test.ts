import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseKnownHosts } from './known-hosts.js';
import { parseSshPrivateKey } from './ssh-private-key.js';
import { UnreadableText } from './unreadable-text.js';

const pem = (key: { export(options: { type: 'pkcs8'; format: 'pem' }): string | Buffer }) =>
  parseSshPrivateKey(key.export({ type: 'pkcs8', format: 'pem' }).toString()).publicKey;
const ED25519 = pem(generateKeyPairSync('ed25519').privateKey);
const ECDSA = pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey);
const HASHED = '|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg=';

describe('parseKnownHosts', () => {
  it.each([
    ['a name', `git.example.com ${ED25519}`],
    ['a name, an address and a comment', `git.example.com,192.0.2.1 ${ECDSA} root@git`],
    ['another port', `[git.example.com]:2222 ${ED25519}`],
    ['patterns', `*.example.com,!old.example.com ${ED25519}`],
    ['a hashed host', `${HASHED} ${ED25519}`],
    ['several, a comment and an empty line', `# git.example.com:22\ngit.example.com ${ED25519}\n\n${HASHED} ${ECDSA}`],
  ])('takes %s', (_, lines) => {
    expect(parseKnownHosts(lines)).toBe(`${lines}\n`);
    expect(parseKnownHosts(`\r\n${lines.replaceAll('\n', '\r\n')}\r\n`)).toBe(`${lines}\n`);
  });

  it.each([
    ['nothing', '', 'no host key'],
    ['comments only', '# hunter2\n\n', 'no host key'],
    ['a key without its host', ED25519, 'Line 1: the host is missing'],
    ['a host without its key', 'git.example.com', 'Line 1: the host is not followed'],
    ['garbage behind a good line', `git.example.com ${ED25519}\nhunter2`, 'Line 2'],
    ['a key of DSA', 'git.example.com ssh-dss AAAAB3NzaC1kc3M=', 'not followed by one of'],
    ['a key of another type', `git.example.com ssh-rsa ${ED25519.split(' ')[1]}`, 'not one of its type'],
    ['half of a key', `git.example.com ${ED25519.slice(0, -4)}`, 'not one of its type'],
    ['a key that is no base64', 'git.example.com ssh-ed25519 hunter2!', 'not one of its type'],
    ['a hash cut short', `|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y= ${ED25519}`, 'does not begin with a host'],
    ['hosts with a space', `git.example.com, git ${ED25519}`, 'does not begin with a host'],
    ['an authority', `@cert-authority *.example.com ${ED25519}`, '@cert-authority'],
    ['a revoked key', `@revoked * ${ED25519}`, '@revoked'],
  ])('refuses %s', (_, given, reason) => {
    expect(() => parseKnownHosts(given)).toThrow(UnreadableText);
    expect(() => parseKnownHosts(given)).toThrow(reason);
    expect(() => parseKnownHosts(given)).toThrow(/^((?!hunter2).)*$/);
  });

  it('takes a file exactly if every line of it is a comment or taken alone', () => {
    const lines = ['', '# comment', `a ${ED25519}`, `b ${ECDSA} comment`, 'a', ED25519, `@revoked a ${ED25519}`];
    const takes = (text: string): boolean => {
      try {
        return parseKnownHosts(text).trim() === text.trim();
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...lines)), (chosen) => {
        const entries = chosen.filter((line) => line !== '' && !line.startsWith('#'));
        expect(takes(chosen.join('\n'))).toBe(entries.length > 0 && entries.every((entry) => takes(entry)));
      }),
    );
  });
});
