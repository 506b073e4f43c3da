import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSealingKey } from '../../src/config/sealing-key.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-key-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

it('makes the key once, readable by its owner only, however many processes start together', async () => {
  const keys = await Promise.all(Array.from({ length: 20 }, () => readSealingKey({ dataDir })));
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
  expect(keys[0]).toHaveLength(32);
  expect(await readSealingKey({ dataDir })).toEqual(keys[0]);
  expect((await stat(join(dataDir, 'credentials.key'))).mode & 0o777).toBe(0o600);
  expect(await readdir(dataDir)).toEqual(['credentials.key']);
});

it('takes the given key, and then writes none', async () => {
  const given = Buffer.alloc(32, 7);
  expect(await readSealingKey({ dataDir, credentialsKey: given.toString('base64') })).toEqual(given);
  expect(await readdir(dataDir)).toEqual([]);
});

it('never replaces a file that holds something else', async () => {
  await writeFile(join(dataDir, 'credentials.key'), 'short');
  await expect(readSealingKey({ dataDir })).rejects.toThrow(/does not hold 32 bytes/);
});
