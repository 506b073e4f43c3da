import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from './ssh-public-key.js';
import { parseSshPrivateKey } from './ssh-private-key.js';
import { sshNumber, SshReader, sshString, uint32 } from './ssh-wire.js';
import { UnreadableText } from './unreadable-text.js';

const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'sec1' = 'pkcs8', cipher: object = {}) =>
  key.export({ type, format: 'pem', ...cipher }).toString();
const encrypted = { cipher: 'aes-256-cbc', passphrase: 'hunter2' };
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey;
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey;

const ed25519 = generateKeyPairSync('ed25519').privateKey;
const rsa2048 = rsa(2048);
const p256 = ec('P-256');
/** The only way here to a key in OpenSSH's format; the real ssh-keygen is in test/integration/ssh-keys.test.ts. */
const openSsh = parseSshPrivateKey(pem(ed25519)).text;

const armor = (bytes: Buffer) =>
  `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
const bytesOf = (text: string) => Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64');

describe('parseSshPrivateKey', () => {
  it.each([
    ['Ed25519 in PKCS#8', pem(ed25519), 'ssh-ed25519'],
    ['Ed25519 in the format of OpenSSH', openSsh, 'ssh-ed25519'],
    ['RSA in PKCS#1', pem(rsa2048, 'pkcs1'), 'ssh-rsa'],
    ['RSA in PKCS#8', pem(rsa2048), 'ssh-rsa'],
    ['P-256 in SEC 1', pem(p256, 'sec1'), 'ecdsa-sha2-nistp256'],
    ['P-384 in PKCS#8', pem(ec('P-384')), 'ecdsa-sha2-nistp384'],
    ['P-521 in PKCS#8', pem(ec('P-521')), 'ecdsa-sha2-nistp521'],
    ['one among other lines', `Bag Attributes\n${pem(p256)}\nthe end`, 'ecdsa-sha2-nistp256'],
  ])('takes %s', (_, text, type) => {
    const key = parseSshPrivateKey(text);
    expect(key.publicKey).toMatch(new RegExp(`^${type} AAAA[A-Za-z0-9+/]+=*$`));
    expect(key.text).toMatch(/^-----BEGIN .*-----\n[^\r]+\n-----END .*-----\n$/);
    expect(parseSshPrivateKey(key.text)).toEqual(key);
    for (const damage of [text.replaceAll('\n', '\r\n'), text.replaceAll('\n', '\r'), `\n ${text.trimEnd()}`]) {
      expect(parseSshPrivateKey(damage)).toEqual(key);
    }
  });

  it.each([
    ['nothing', '', 'no private key'],
    ['garbage', 'hunter2', 'no private key'],
    ['a certificate', '-----BEGIN CERTIFICATE-----\naHVudGVyMg==\n-----END CERTIFICATE-----', 'no private key'],
    ['a public key of OpenSSH', parseSshPrivateKey(pem(ed25519)).publicKey, 'This is a public key'],
    [
      'a public key in PEM',
      '-----BEGIN PUBLIC KEY-----\naHVudGVyMg==\n-----END PUBLIC KEY-----',
      'This is a public key',
    ],
    ['a key of PuTTY', 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none', 'PuTTYgen'],
    ['two keys', pem(p256) + pem(ed25519), 'more than one key'],
    ['PKCS#8 with a passphrase', pem(ed25519, 'pkcs8', encrypted), 'has a passphrase'],
    ['PKCS#1 with a passphrase', pem(rsa2048, 'pkcs1', encrypted), 'has a passphrase'],
    ['SEC 1 with a passphrase', pem(p256, 'sec1', encrypted), 'has a passphrase'],
    ['half of a PEM', pem(p256).replace(/\n.*\n/, '\n'), 'cannot be read'],
    ['PEM that is none', '-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----', 'cannot be read'],
    ['the END line left out', openSsh.split('\n').slice(0, -2).join('\n'), 'no private key'],
    ['a short RSA key', pem(rsa(1024)), 'not taken'],
    ['a curve that SSH does not know', pem(ec('secp256k1')), 'not taken'],
    ['Ed448', pem(generateKeyPairSync('ed448').privateKey), 'not taken'],
    ['a key for encryption', pem(generateKeyPairSync('x25519').privateKey), 'not taken'],
    ['OpenSSH text that holds none', armor(Buffer.from('hunter2')), 'cannot be read'],
  ])('refuses %s', (_, text, reason) => {
    expect(() => parseSshPrivateKey(text)).toThrow(UnreadableText);
    expect(() => parseSshPrivateKey(text)).toThrow(reason);
    expect(() => parseSshPrivateKey(text)).toThrow(/^((?!hunter2).)*$/);
  });

  it('refuses an OpenSSH key with a passphrase, by its header', () => {
    const header = (cipher: string, kdf: string) =>
      armor(Buffer.concat([Buffer.from('openssh-key-v1\0'), sshString(cipher), sshString(kdf), sshString('')]));
    expect(() => parseSshPrivateKey(header('aes256-ctr', 'bcrypt'))).toThrow('has a passphrase');
  });

  it('refuses an OpenSSH key cut off anywhere', () => {
    const bytes = bytesOf(openSsh);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => parseSshPrivateKey(armor(bytes.subarray(0, length)))).toThrow(UnreadableText);
    }
  });

  it('refuses an OpenSSH key whose private half belongs to another public one', () => {
    const other = parseSshPrivateKey(pem(generateKeyPairSync('ed25519').privateKey));
    const [, blob = ''] = other.publicKey.split(' ');
    const publicPart = Buffer.from(blob, 'base64');
    const bytes = bytesOf(openSsh);
    const at = bytes.indexOf('ssh-ed25519') - 4;
    publicPart.copy(bytes, at);
    expect(() => parseSshPrivateKey(armor(bytes))).toThrow('cannot be read');
  });

  it('gives the fingerprint that others give', () => {
    const example = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC6/uxuMLlt0L5h+7dplN4p9tcWplF8Dp5chE20B+7qg';
    expect(fingerprintOf(example)).toBe('SHA256:hX3aqG84BdwnrczYiqCzQouxH1owsNtV01Yzrg2a7Xs');
  });
});

describe("SSH's binary format", () => {
  it('reads what it wrote', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (parts) => {
        const reader = new SshReader(Buffer.concat(parts.map((part) => sshString(Buffer.from(part)))));
        for (const part of parts) expect(reader.string().equals(part)).toBe(true);
        expect(reader.rest).toHaveLength(0);
        expect(() => reader.uint32()).toThrow(RangeError);
      }),
    );
  });

  it('writes numbers in the shortest way that is not negative', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 128n }), fc.nat(3), (number, zeros) => {
        const hex = number.toString(16);
        const magnitude = Buffer.from('00'.repeat(zeros) + hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
        const bytes = new SshReader(sshNumber(magnitude)).string();
        expect(BigInt(`0x${bytes.toString('hex')}`)).toBe(number);
        expect(bytes.length).toBe(Math.floor(number.toString(2).length / 8) + 1);
      }),
    );
  });

  it('never reads past the end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), fc.integer({ min: 9, max: 2 ** 32 - 1 }), (bytes, length) => {
        expect(() => new SshReader(Buffer.concat([uint32(length), bytes])).string()).toThrow(RangeError);
      }),
    );
  });
});
