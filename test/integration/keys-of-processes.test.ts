import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resealCredentials } from '../../src/commands/credentials-reseal.js';
import { readConfig } from '../../src/config/config.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { openSealingKeys } from '../../src/open-sealing-keys.js';
import { RemoteAccess } from '../../src/remotes/remote-access.js';
import { CredentialStore } from '../../src/vault/credential.store.js';
import { CredentialVault, SealingKeys } from '../../src/vault/credential-vault.js';
import { StoredKeys } from '../../src/vault/stored-keys.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const [older, newer] = [randomBytes(32), randomBytes(32)];
let test: TestDatabase;
let dataDir: string;
const warnings: string[] = [];
const log = { warn: (sentence: string) => warnings.push(sentence) } as unknown as Logger;
beforeEach(async () => {
  test = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-key-'));
  warnings.length = 0;
});
afterEach(async () => {
  await test.drop();
  await rm(dataDir, { recursive: true });
});

/** A process with these keys. */
class Process {
  readonly keys: SealingKeys;
  constructor(...keys: [Buffer, ...Buffer[]]) {
    this.keys = new SealingKeys(keys);
  }

  async seal(token: string): Promise<string> {
    const id = uuidv7();
    const made = { createdAt: new Date(), createdBy: 'test', updatedAt: new Date(), updatedBy: 'test' };
    const sealed = new CredentialVault(this.keys).seal(id, { token });
    await test.database.client.credential.create({ data: { id, name: id, type: 'token', sealed, ...made } });
    return id;
  }

  async open(credentialId: string): Promise<unknown> {
    const access = new RemoteAccess(new CredentialStore(test.database), new CredentialVault(this.keys));
    return (await access.target({ id: uuidv7(), url: 'https://git.example.com/x.git', credentialId })).credential;
  }

  closed = () => new StoredKeys(test.database).closedTo(this.keys);
}

const start = (variables: Record<string, string> = {}) =>
  openSealingKeys(readConfig({ DATA_DIR: dataDir, ...variables }), test.database, log);

it('a key is made where nothing is sealed yet, and never in place of one that is lost', async () => {
  await start();
  expect(await readdir(dataDir)).toEqual(['credentials.key']);
  await rm(join(dataDir, 'credentials.key'));
  const lost = await new Process(older).seal('one');
  await expect(start()).rejects.toMatchObject({
    name: 'StartupError',
    message: expect.stringMatching(
      /^The database holds 1 sealed secrets, and there is no key for them: .+ Set CREDENTIALS_KEY/,
    ),
  });
  expect(await readdir(dataDir)).toEqual([]);
  await start({ CREDENTIALS_KEY: newer.toString('base64') });
  expect(warnings).toEqual([expect.stringMatching(/^1 secrets are sealed with a key that this process does not have/)]);
  expect(warnings[0]).toContain(`waits: credential "${lost}".`);
  warnings.length = 0;
  await start({ CREDENTIALS_KEY: [newer, older].map((key) => key.toString('base64')).join(',') });
  expect(warnings).toEqual([]);
});

it('what cannot be opened waits with a reason of its own', async () => {
  const id = await new Process(older).seal('one');
  const fault = { code: 'unavailable', reason: 'SealingKeyMissing' };
  await expect(new Process(newer).open(id)).rejects.toMatchObject(fault);
});

it('a rotation as documented never leaves a process that cannot open what another one seals', async () => {
  // Each step restarts one process after the other: those of the step before run beside those of the next.
  const steps = [
    new Process(older),
    new Process(older, newer),
    new Process(newer, older),
    new Process(newer, older),
    new Process(newer),
  ];
  for (const [index, next] of steps.entries()) {
    const before = steps[index - 1];
    // The step before the last seals all anew.
    if (index === 3) await resealCredentials(test.database, next.keys);
    const both = before === undefined ? [next] : [before, next];
    // Only the last step of all is without the old key, which nothing needs by then.
    for (const writer of both) {
      const id = await writer.seal('secret');
      for (const reader of both) expect(await reader.open(id)).toEqual({ token: 'secret' });
    }
    for (const process of both) expect(await process.closed()).toBe(0);
  }
});

it('a rotation that puts the new key in front at once does', async () => {
  const [before, next] = [new Process(older), new Process(newer, older)];
  await expect(before.open(await next.seal('secret'))).rejects.toMatchObject({ reason: 'SealingKeyMissing' });
  expect(await before.closed()).toBe(1);
});
