import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { authorizedKey, isSshKeyType, readPublicKey, type SshKeyType, type SshPublicKey } from './ssh-public-key.js';
import { sshNumber, SshReader, sshString, uint32 } from './ssh-wire.js';
import { UnreadableText } from './unreadable-text.js';

export interface SshPrivateKey {
  /** Written anew as every OpenSSH reads it: no passphrase, lines that end in LF, the last one too. */
  text: string;
  /** The public half, as `authorized_keys` has it. */
  publicKey: string;
}

const OPENSSH = 'OPENSSH PRIVATE KEY';
const MAGIC = Buffer.from('openssh-key-v1\0', 'latin1');
const BLOCK = /-----BEGIN ((?:[A-Z0-9]+ )?PRIVATE KEY)-----[ \t]*\n([A-Za-z0-9+/=:,\- \t\n]+?)\n-----END \1-----/g;

const OTHER_KIND =
  'Keys of this kind are not taken. Make one that is Ed25519, ECDSA (P-256, P-384, P-521) or RSA (2048 bits or more).';
const PASSPHRASE = 'The key has a passphrase. Give one without: `ssh-keygen -p -N ""` removes it from a copy.';
const UNREADABLE = 'The key cannot be read: something is missing from it, or was changed.';

/**
 * Reads a private key in OpenSSH's format or in PEM (PKCS#1, SEC 1, PKCS#8). Throws {@link UnreadableText} for all that
 * would only fail at the remote later: a passphrase, a public key, another kind of key, half of one.
 */
export function parseSshPrivateKey(given: string): SshPrivateKey {
  const text = given.replaceAll(/\r\n?/g, '\n');
  const [block, ...more] = [...text.matchAll(BLOCK)];
  if (!block) throw new UnreadableText(whatElse(text.trim()));
  if (more.length > 0) throw new UnreadableText('There is more than one key in it. Give one.');
  const [pem, label = '', body = ''] = block;
  if (label.startsWith('ENCRYPTED') || /^Proc-Type:.*ENCRYPTED/m.test(body)) throw new UnreadableText(PASSPHRASE);
  return label === OPENSSH ? fromOpenSsh(Buffer.from(body, 'base64')) : fromPem(pem);
}

function whatElse(text: string): string {
  if (text.startsWith('PuTTY-User-Key-File')) {
    return 'This is a key of PuTTY. Export it in the format of OpenSSH with PuTTYgen.';
  }
  const isPublic = isSshKeyType(text.split(/\s/, 1)[0] ?? '') || /^-----? ?BEGIN .*PUBLIC KEY/.test(text);
  if (isPublic) return 'This is a public key. Give the private one, and the public one to the Git host.';
  return 'This is no private key. It is the text from -----BEGIN OPENSSH PRIVATE KEY----- to the END line, both included.';
}

/** https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.key: names of cipher and KDF, public keys, private keys. */
function fromOpenSsh(bytes: Buffer): SshPrivateKey {
  try {
    const reader = new SshReader(bytes);
    if (!reader.take(MAGIC.length).equals(MAGIC)) throw new UnreadableText(UNREADABLE);
    const [cipher, kdf] = [reader.text(), reader.text()];
    if (cipher !== 'none' || kdf !== 'none') throw new UnreadableText(PASSPHRASE);
    reader.string();
    if (reader.uint32() !== 1) throw new UnreadableText('There is more than one key in it. Give one.');
    const publicKey = knownKey(reader.string());
    assertBelongs(publicKey, reader.string());
    const text = armored(bytes.subarray(0, bytes.length - reader.rest.length));
    return { text, publicKey: authorizedKey(publicKey) };
  } catch (error) {
    throw error instanceof RangeError ? new UnreadableText(UNREADABLE, { cause: error }) : error;
  }
}

/** The private section begins with a number twice, and holds the public key's fields beside the secret ones. */
function assertBelongs({ type, fields }: SshPublicKey, secrets: Buffer): void {
  const reader = new SshReader(secrets);
  const intact = reader.uint32() === reader.uint32() && reader.text() === type;
  if (!intact) throw new UnreadableText(UNREADABLE);
  const parts = Array.from({ length: PARTS[type] }, () => reader.string());
  if (!fields.every((field) => parts.some((part) => part.equals(field)))) throw new UnreadableText(UNREADABLE);
}

/** How many parts, public and secret, stand between the type and the comment. */
const PARTS: Record<SshKeyType, number> = {
  'ssh-ed25519': 2,
  'ecdsa-sha2-nistp256': 3,
  'ecdsa-sha2-nistp384': 3,
  'ecdsa-sha2-nistp521': 3,
  'ssh-rsa': 6,
};

function fromPem(pem: string): SshPrivateKey {
  const key = readPem(pem);
  const curve = CURVES.get(key.asymmetricKeyDetails?.namedCurve ?? '');
  if (key.asymmetricKeyType === 'ed25519') return fromEd25519(key.export({ format: 'jwk' }));
  if (key.asymmetricKeyType === 'rsa') {
    const { e, n } = key.export({ format: 'jwk' });
    const publicKey = knownKey(concat(sshString('ssh-rsa'), sshNumber(decoded(e)), sshNumber(decoded(n))));
    return { text: key.export({ type: 'pkcs1', format: 'pem' }).toString(), publicKey: authorizedKey(publicKey) };
  }
  if (curve === undefined) throw new UnreadableText(OTHER_KIND);
  const { x, y } = key.export({ format: 'jwk' });
  const point = concat(Buffer.of(4), decoded(x), decoded(y));
  const publicKey = knownKey(concat(sshString(`ecdsa-sha2-${curve}`), sshString(curve), sshString(point)));
  return { text: key.export({ type: 'sec1', format: 'pem' }).toString(), publicKey: authorizedKey(publicKey) };
}

/** From OpenSSL's names of the curves to SSH's. */
const CURVES: ReadonlyMap<string, string> = new Map([
  ['prime256v1', 'nistp256'],
  ['secp384r1', 'nistp384'],
  ['secp521r1', 'nistp521'],
]);

function readPem(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new UnreadableText(UNREADABLE, { cause: error });
  }
}

/** OpenSSH before 9.6 reads Ed25519 in its own format only. */
function fromEd25519({ x, d }: JsonWebKey): SshPrivateKey {
  const publicKey = knownKey(concat(sshString('ssh-ed25519'), sshString(decoded(x))));
  const secret = concat(decoded(d), decoded(x));
  const section = concat(uint32(0), uint32(0), publicKey.blob, sshString(secret), sshString(''));
  const padding = Buffer.from(Array.from({ length: -section.length & 7 }, (_, index) => index + 1));
  const unencrypted = concat(sshString('none'), sshString('none'), sshString(''));
  const keys = concat(uint32(1), sshString(publicKey.blob), sshString(concat(section, padding)));
  return { text: armored(concat(MAGIC, unencrypted, keys)), publicKey: authorizedKey(publicKey) };
}

function knownKey(blob: Buffer): SshPublicKey {
  const key = readPublicKey(blob);
  if (!key) throw new UnreadableText(OTHER_KIND);
  return key;
}

const concat = (...parts: Buffer[]): Buffer => Buffer.concat(parts);

const armored = (bytes: Buffer): string =>
  `-----BEGIN ${OPENSSH}-----\n${bytes.toString('base64').replaceAll(/.{1,70}/g, '$&\n')}-----END ${OPENSSH}-----\n`;

const decoded = (base64url: string | undefined): Buffer => Buffer.from(base64url ?? '', 'base64url');
