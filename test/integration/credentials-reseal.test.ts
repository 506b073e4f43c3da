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
  expect(await resealCredentials(test.database, keys)).toEqual({ all: 2, resealed: 1 });
  expect(await openWith(newer, first)).toEqual({ token: 'one' });
  expect(await openWith(newer, second)).toEqual({ token: 'two' });
  await expect(openWith(older, first)).rejects.toThrow('another key');
  expect(await resealCredentials(test.database, keys)).toEqual({ all: 2, resealed: 0 });
  const entries = await test.database.client.auditEntry.findMany();
  expect(entries).toMatchObject([{ action: 'credential.resealed', resourceId: first, outcome: 'succeeded' }]);
});

it('leaves what no key opens as it is, and fails', async () => {
  const id = await addCredential(older, 'one');
  await expect(resealCredentials(test.database, new SealingKeys([newer]))).rejects.toThrow('another key');
  expect(await openWith(older, id)).toEqual({ token: 'one' });
});

it('does the same to the secrets of receivers', async () => {
  const id = await addReceiver(older, 'one');
  expect(await resealCredentials(test.database, new SealingKeys([newer, older]))).toEqual({ all: 1, resealed: 1 });
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
  expect(await resealCredentials(test.database, new SealingKeys([newer, older]))).toEqual({ all: 1, resealed: 1 });
  const row = await test.database.client.webhookSecret.findUniqueOrThrow({ where: { id } });
  expect(new CredentialVault(new SealingKeys([newer])).openToken(row)).toBe('whsec_x');
});
