import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSealingKeys } from '../../src/config/sealing-key.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-key-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

it('makes the key once, readable by its owner only, however many processes start together', async () => {
  const keys = (await Promise.all(Array.from({ length: 20 }, () => readSealingKeys({ dataDir })))).flat();
  expect(keys).toHaveLength(20);
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
  expect(keys[0]).toHaveLength(32);
  expect(await readSealingKeys({ dataDir })).toEqual([keys[0]]);
  expect((await stat(join(dataDir, 'credentials.key'))).mode & 0o777).toBe(0o600);
  expect(await readdir(dataDir)).toEqual(['credentials.key']);
});

it('takes the given key, and then writes none', async () => {
  const given = Buffer.alloc(32, 7);
  expect(await readSealingKeys({ dataDir, credentialsKey: given.toString('base64') })).toEqual([given]);
  expect(await readdir(dataDir)).toEqual([]);
});

it('never replaces a file that holds something else', async () => {
  await writeFile(join(dataDir, 'credentials.key'), 'short');
  await expect(readSealingKeys({ dataDir })).rejects.toThrow(/does not hold 32 bytes/);
});

it('takes older keys behind the first, from the variable and from the file', async () => {
  const [newer, older] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const text = [newer, older].map((key) => key.toString('base64'));
  expect(await readSealingKeys({ dataDir, credentialsKey: text.join(',') })).toEqual([newer, older]);
  await writeFile(join(dataDir, 'credentials.key'), `${text.join('\n')}\n`);
  expect(await readSealingKeys({ dataDir })).toEqual([newer, older]);
});
