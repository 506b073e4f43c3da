import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resealCredentials } from '../../src/commands/credentials-reseal.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { CredentialVault, SealingKeys } from '../../src/vault/credential-vault.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase();
});
afterEach(() => test.drop());

const [older, newer] = [randomBytes(32), randomBytes(32)];

async function addCredential(key: Buffer, token: string): Promise<string> {
  const id = uuidv7();
  const made = { createdAt: new Date(), createdBy: 'test', updatedAt: new Date(), updatedBy: 'test' };
  const sealed = new CredentialVault(new SealingKeys([key])).seal(id, { token });
  await test.database.client.credential.create({ data: { id, name: id, type: 'token', sealed, ...made } });
  return id;
}

async function addReceiver(key: Buffer, secret: string): Promise<string> {
  const id = uuidv7();
  const made = { createdAt: new Date(), createdBy: 'test', updatedAt: new Date(), updatedBy: 'test' };
  const sealed = new CredentialVault(new SealingKeys([key])).seal(id, { token: secret });
  await test.database.client.receiver.create({ data: { id, name: id, type: 'generic', sealed, ...made } });
  return id;
}

const openWith = async (key: Buffer, id: string) =>
  new CredentialVault(new SealingKeys([key])).open(
    await test.database.client.credential.findUniqueOrThrow({ where: { id } }),
  );

it('seals with the new key what the old one sealed, once, and says so in the audit log', async () => {
  const [first, second] = [await addCredential(older, 'one'), await addCredential(newer, 'two')];
  const keys = new SealingKeys([newer, older]);
  expect(await resealCredentials(test.database, keys)).toEqual({ all: 2, resealed: 1, closed: [] });
  expect(await openWith(newer, first)).toEqual({ token: 'one' });
  expect(await openWith(newer, second)).toEqual({ token: 'two' });
  await expect(openWith(older, first)).rejects.toThrow('another key');
  expect(await resealCredentials(test.database, keys)).toEqual({ all: 2, resealed: 0, closed: [] });
  const entries = await test.database.client.auditEntry.findMany();
  expect(entries).toMatchObject([{ action: 'credential.resealed', resourceId: first, outcome: 'succeeded' }]);
});

it('leaves what no key opens as it is, names all of it, and does the rest', async () => {
  const lost = randomBytes(32);
  const ids = [await addCredential(lost, 'one'), await addCredential(lost, 'two')];
  const [old, receiver] = [await addCredential(older, 'three'), await addReceiver(lost, 'four')];
  const { closed, ...counts } = await resealCredentials(test.database, new SealingKeys([newer, older]));
  expect(counts).toEqual({ all: 4, resealed: 1 });
  const named = [...ids.map((id) => `credential "${id}"`), `receiver "${receiver}"`];
  expect(closed).toEqual(named.map((name) => `${name}: This secret was sealed with another key.`));
  expect(await openWith(newer, old)).toEqual({ token: 'three' });
  for (const [index, id] of ids.entries()) expect(await openWith(lost, id)).toEqual({ token: ['one', 'two'][index] });

  const { url } = test;
  const program = ['dist/commands/credentials-reseal.js'];
  const env = { PATH: process.env.PATH, DATABASE_URL: url, CREDENTIALS_KEY: newer.toString('base64') };
  const run = spawnSync(process.execPath, program, { env, encoding: 'utf8' });
  expect(run.status).toBe(1);
  for (const name of named) expect(run.stderr).toContain(name);
});

it('does the same to the secrets of receivers', async () => {
  const id = await addReceiver(older, 'one');
  expect(await resealCredentials(test.database, new SealingKeys([newer, older]))).toEqual({
    all: 1,
    resealed: 1,
    closed: [],
  });
  const row = await test.database.client.receiver.findUniqueOrThrow({ where: { id } });
  expect(new CredentialVault(new SealingKeys([newer])).openToken(row)).toBe('one');
  const entries = await test.database.client.auditEntry.findMany();
  expect(entries).toMatchObject([{ action: 'receiver.resealed', resourceType: 'Receiver', resourceId: id }]);
});

it('does the same to the secrets of webhooks', async () => {
  const id = uuidv7();
  const sealed = new CredentialVault(new SealingKeys([older])).seal(id, { token: 'whsec_x' });
  const made = { createdAt: new Date(), createdBy: 'test', updatedAt: new Date() };
  const webhook = { id: uuidv7(), name: 'x', url: 'https://chat.example.com/', description: '', enabled: true };
  await test.database.client.webhook.create({
    data: { ...webhook, owner: 'test', since: 0, ...made, secrets: { create: { id, sealed } } },
  });
  expect(await resealCredentials(test.database, new SealingKeys([newer, older]))).toEqual({
    all: 1,
    resealed: 1,
    closed: [],
  });
  const row = await test.database.client.webhookSecret.findUniqueOrThrow({ where: { id } });
  expect(new CredentialVault(new SealingKeys([newer])).openToken(row)).toBe('whsec_x');
});
