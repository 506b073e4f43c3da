import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseKnownHosts } from '../../src/features/credentials/known-hosts.js';
import { fingerprintOf } from '../../src/features/credentials/ssh-public-key.js';
import { parseSshPrivateKey } from '../../src/features/credentials/ssh-private-key.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pkgserver-ssh-keys-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = async (command: string, ...args: string[]) => (await promisify(execFile)(command, args)).stdout;

/** What ssh-keygen says the public half of a private key is. */
async function publicKeyOf(privateKey: string): Promise<string> {
  const file = join(folder, 'stored');
  await writeFile(file, privateKey);
  await chmod(file, 0o600);
  const [type, blob] = (await run('ssh-keygen', '-y', '-P', '', '-f', file)).trim().split(' ');
  return `${type} ${blob}`;
}

const KINDS = [
  ['ed25519', '256'],
  ['ecdsa', '256'],
  ['ecdsa', '384'],
  ['ecdsa', '521'],
  ['rsa', '2048'],
] as const;
const FORMATS = ['RFC4716', 'PEM', 'PKCS8'] as const;

describe.each(KINDS)('a key that ssh-keygen made: %s %s', (type, bits) => {
  const generate = async (passphrase: string, ...more: string[]) => {
    const file = join(folder, `${type}-${bits}-${passphrase}-${more.join('')}`);
    await run('ssh-keygen', '-q', '-t', type, '-b', bits, '-N', passphrase, '-C', 'a comment', '-f', file, ...more);
    return { file, text: await readFile(file, 'utf8'), line: await readFile(`${file}.pub`, 'utf8') };
  };

  it.each(FORMATS)('in the format %s is read, and written so that ssh-keygen reads it', async (format) => {
    const { file, text, line } = await generate('', '-m', format);
    const key = parseSshPrivateKey(text);
    expect(`${key.publicKey} a comment`).toBe(line.trim());
    expect(fingerprintOf(key.publicKey)).toBe((await run('ssh-keygen', '-lf', file)).split(' ')[1]);
    expect(await publicKeyOf(key.text)).toBe(key.publicKey);
  });

  it.each(FORMATS)('with a passphrase in the format %s is refused', async (format) => {
    const { text } = await generate('hunter2', '-m', format);
    expect(() => parseSshPrivateKey(text)).toThrow('has a passphrase');
  });

  it('is taken as a host key, by name and hashed', async () => {
    const { line } = await generate('');
    const file = join(folder, `known_hosts-${type}-${bits}`);
    await writeFile(file, `[git.example.com]:2222 ${line}`);
    expect(parseKnownHosts(await readFile(file, 'utf8'))).toBe(`[git.example.com]:2222 ${line}`);
    await run('ssh-keygen', '-q', '-H', '-f', file);
    const hashed = await readFile(file, 'utf8');
    expect(hashed).toMatch(/^\|1\|/);
    expect(parseKnownHosts(hashed)).toBe(hashed);
  });
});

it('turns Ed25519 in PKCS#8, which OpenSSH before 9.6 does not read, into what it reads', async () => {
  const file = join(folder, 'pkcs8');
  await run('openssl', 'genpkey', '-algorithm', 'ed25519', '-out', file);
  const key = parseSshPrivateKey(await readFile(file, 'utf8'));
  expect(await publicKeyOf(key.text)).toBe(key.publicKey);
});
