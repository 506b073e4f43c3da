import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CredentialVault } from '../../src/vault/credential-vault.js';
import { fingerprintOf } from '../../src/features/credentials/ssh-public-key.js';
import { parseSshPrivateKey } from '../../src/features/credentials/ssh-private-key.js';
import { createLogger, PinoLoggerService } from '../../src/logging/logger.js';
import { RemoteAccess } from '../../src/remotes/remote-access.js';
import { CredentialStore } from '../../src/vault/credential.store.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { type Answer, HttpClient } from '../support/http-client.js';
import { clear } from '../support/index-rows.js';
import { CERTIFICATE_ONE, CERTIFICATE_TWO } from '../support/certificates.js';

const keyOf = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const locked = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
  .toString();
const [GIVEN, RENEWED] = [keyOf(), keyOf()];
const [KEY, NEXT] = [parseSshPrivateKey(GIVEN), parseSshPrivateKey(RENEWED)];
const HOSTS = `git.example.com ${NEXT.publicKey}\n`;
const PASSWORD = 'hunter2-never-shown';

const ssh = { type: 'ssh', name: 'deploy', privateKey: GIVEN, knownHosts: HOSTS };
const basic = { type: 'basic', name: 'bot', username: 'git', password: PASSWORD };

/** Every line of every private key here. */
const SECRETS = [GIVEN, RENEWED, KEY.text, NEXT.text, locked, PASSWORD].flatMap((text) =>
  text.split('\n').filter((line) => line.length > 8 && !line.startsWith('-----')),
);
const expectNoSecret = (text: string) => {
  expect(text.length).toBeGreaterThan(0);
  for (const secret of SECRETS) expect(text).not.toContain(secret);
};

let api: TestApi;
const log: string[] = ['(the log)'];
const answers: string[] = [];
beforeAll(async () => {
  const logger = new PinoLoggerService(createLogger('trace', 'json', { write: (line: string) => void log.push(line) }));
  api = await startTestApi({}, { nest: { logger } });
});
afterAll(() => api.close());
beforeEach(() => clear(api));
afterEach(() => {
  expectNoSecret(log.join('\n'));
  expectNoSecret(answers.splice(0).join('\n'));
});

async function call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
  const answer = await new HttpClient(api.url).call(method, path, body, headers);
  answers.push(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}
const create = (body: object) => call('POST', '/credentials', body);
const patch = (id: string, body: object) => call('PATCH', `/credentials/${id}`, body, { 'If-Match': '*' });
const row = (id: string) => api.database.client.credential.findUniqueOrThrow({ where: { id } });
const opened = async (id: string) => api.app.get(CredentialVault).open(await row(id));
const faults = (answer: Answer) =>
  (answer.body.errors as { pointer: string; message: string }[]).map(({ pointer, message }) => [pointer, message]);

describe('a credential of type ssh', () => {
  it('shows the public half and the host keys, and keeps the private key sealed', async () => {
    const { status, body } = await create(ssh);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      type: 'ssh',
      username: null,
      caBundle: null,
      publicKey: KEY.publicKey,
      fingerprint: fingerprintOf(KEY.publicKey),
      knownHosts: HOSTS,
    });
    expect(body).not.toHaveProperty('privateKey');
    expect((await call('GET', `/credentials/${body.id}`)).body).toEqual(body);
    expect((await call('GET', '/credentials')).body.items).toEqual([body]);
    expectNoSecret(Buffer.from((await row(body.id)).sealed).toString('latin1'));
    expect(await opened(body.id)).toEqual({ privateKey: KEY.text, knownHosts: HOSTS });
  });

  it('keeps no key beside an Idempotency-Key', async () => {
    const first = await call('POST', '/credentials', ssh, { 'Idempotency-Key': 'k' });
    expectNoSecret(JSON.stringify(await api.database.client.idempotencyKey.findMany()));
    const again = await call('POST', '/credentials', ssh, { 'Idempotency-Key': 'k' });
    expect([again.status, again.body]).toEqual([201, first.body]);
  });

  it('renews the private key and the host keys, each alone', async () => {
    const { body } = await create(ssh);
    const renewed = await patch(body.id, { privateKey: RENEWED });
    expect(renewed).toMatchObject({ status: 200, body: { publicKey: NEXT.publicKey, knownHosts: HOSTS } });
    expect(renewed.body.etag).not.toBe(body.etag);
    expect(await opened(body.id)).toEqual({ privateKey: NEXT.text, knownHosts: HOSTS });
    const knownHosts = `[git.example.com]:2222 ${KEY.publicKey}\n`;
    expect((await patch(body.id, { knownHosts })).body).toMatchObject({ publicKey: NEXT.publicKey, knownHosts });
    expect(await opened(body.id)).toEqual({ privateKey: NEXT.text, knownHosts });
  });

  it.each([
    ['/privateKey', 'required', { privateKey: undefined }],
    ['/privateKey', 'no private key', { privateKey: '' }],
    ['/privateKey', 'This is a public key', { privateKey: KEY.publicKey }],
    ['/privateKey', 'has a passphrase', { privateKey: locked }],
    ['/privateKey', 'expected string to have <=16384', { privateKey: `${GIVEN}${' '.repeat(16_384)}` }],
    ['/privateKey', 'no private key', { privateKey: GIVEN.slice(0, -30) }],
    ['/privateKey', 'without NUL', { privateKey: `${GIVEN}\0` }],
    ['/knownHosts', 'required', { knownHosts: undefined }],
    ['/knownHosts', 'no host key', { knownHosts: '' }],
    ['/knownHosts', 'Line 1: the host is missing', { knownHosts: NEXT.publicKey }],
    ['/knownHosts', '@cert-authority', { knownHosts: `@cert-authority * ${NEXT.publicKey}` }],
    ['/knownHosts', 'Line 1', { knownHosts: GIVEN }],
    ['/knownHosts', 'expected string to have <=65536', { knownHosts: HOSTS.repeat(1000) }],
    ['/caBundle', 'no field', { caBundle: CERTIFICATE_ONE }],
    ['/username', 'no field', { username: 'git' }],
    ['/password', 'no field', { password: PASSWORD }],
  ])('is refused at %s: %s', async (pointer, message, change) => {
    const refused = await create({ ...ssh, ...change });
    expect(refused).toMatchObject({ status: 422, body: { code: 'invalidBody' } });
    expect(faults(refused)).toEqual([[pointer, expect.stringContaining(message)]]);
    expect(await api.database.client.credential.count()).toBe(0);
  });

  it('refuses the same on PATCH, and what belongs to other types, and keeps what it has', async () => {
    const { body } = await create(ssh);
    for (const [change, pointer] of [
      [{ privateKey: locked }, '/privateKey'],
      [{ privateKey: null }, '/privateKey'],
      [{ knownHosts: '' }, '/knownHosts'],
      [{ knownHosts: null }, '/knownHosts'],
      [{ caBundle: CERTIFICATE_ONE }, '/caBundle'],
      [{ caBundle: null }, '/caBundle'],
      [{ password: PASSWORD }, '/password'],
      [{ token: PASSWORD }, '/token'],
      [{ type: 'basic' }, '/type'],
    ] as const) {
      const refused = await patch(body.id, change);
      expect([refused.status, faults(refused)]).toEqual([422, [[pointer, expect.any(String)]]]);
    }
    expect((await call('GET', `/credentials/${body.id}`)).body).toEqual(body);
    expect(await opened(body.id)).toEqual({ privateKey: KEY.text, knownHosts: HOSTS });
    const other = await create(basic);
    expect(faults(await patch(other.body.id, { privateKey: GIVEN, knownHosts: HOSTS }))).toEqual([
      ['/privateKey', 'A credential of type basic has no such field.'],
      ['/knownHosts', 'A credential of type basic has no such field.'],
    ]);
  });
});

describe('a CA bundle', () => {
  it.each([basic, { type: 'token', name: 'ci', token: PASSWORD }])(
    'of $type is shown, changed and cleared',
    async (body) => {
      const created = await create({ ...body, caBundle: `My CA\r\n${CERTIFICATE_ONE}` });
      expect(created).toMatchObject({ status: 201, body: { caBundle: CERTIFICATE_ONE } });
      const { id } = created.body;
      const both = CERTIFICATE_ONE + CERTIFICATE_TWO;
      expect((await patch(id, { caBundle: both })).body).toMatchObject({ caBundle: both });
      expect((await patch(id, { description: 'x' })).body).toMatchObject({ caBundle: both });
      expect((await patch(id, { caBundle: null })).body).toMatchObject({ caBundle: null });
      expect((await create({ ...body, name: 'none' })).body).toMatchObject({ caBundle: null });
    },
  );

  it.each([
    ['no certificate', ''],
    ['private key', GIVEN],
    ['a private key in it', CERTIFICATE_ONE + GIVEN],
    ['Certificate 1 cannot be read', CERTIFICATE_ONE.replace(/\n.*\n/, '\n')],
    ['expected string to have <=262144', CERTIFICATE_ONE.repeat(500)],
  ])('is refused: %s', async (message, caBundle) => {
    expect(faults(await create({ ...basic, caBundle }))).toEqual([['/caBundle', expect.stringContaining(message)]]);
    const { body } = await create(basic);
    expect(faults(await patch(body.id, { caBundle }))).toEqual([['/caBundle', expect.stringContaining(message)]]);
  });
});

describe('what the Git port is given', () => {
  const target = async (credential: object | null, url: string) => {
    const credentialId = credential === null ? null : (await create(credential)).body.id;
    const { body } = await call('POST', '/repositories', { name: 'a', git: { url, credentialId } });
    const repository = await api.database.client.repository.findUniqueOrThrow({ where: { id: body.id } });
    const access = new RemoteAccess(new CredentialStore(api.database), api.app.get(CredentialVault));
    return { key: body.id, given: await access.target(repository) };
  };

  it.each([
    ['a key', ssh, 'ssh://git@git.example.com/a', { credential: { privateKey: KEY.text, knownHosts: HOSTS } }],
    ['a password', basic, 'https://git.example.com/a', { credential: { username: 'git', password: PASSWORD } }],
    [
      'a token and whom to trust',
      { type: 'token', name: 'ci', token: PASSWORD, caBundle: CERTIFICATE_ONE },
      'https://git.example.com/a',
      { credential: { token: PASSWORD }, caBundle: CERTIFICATE_ONE },
    ],
    ['nothing', null, 'https://git.example.com/a', {}],
  ])('is %s', async (_, credential, url, expected) => {
    const { key, given } = await target(credential, url);
    expect(given).toEqual({ key, url, ...expected });
  });
});
