import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { hasRedis, TestRedis } from '../support/redis.js';

describe.skipIf(!hasRedis)('processes on one database with different queues', () => {
  let test: TestDatabase;
  let redis: TestRedis;
  let folder: string;
  const started: PkgserverProcess[] = [];
  beforeAll(async () => {
    test = await createTestDatabase();
    redis = await TestRedis.start();
    folder = await mkdtemp(join(tmpdir(), 'pkgserver-queues-'));
  });
  afterAll(async () => {
    for (const { kill } of started) await kill();
    await redis?.stop();
    await test?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(role: string, settings: Record<string, string> = {}): Promise<string> {
    const DATA_DIR = join(folder, String(started.length));
    const CREDENTIALS_KEY = Buffer.alloc(32, 7).toString('base64');
    const process = await startProcess({ ROLE: role, DATABASE_URL: test.url, DATA_DIR, CREDENTIALS_KEY, ...settings });
    started.push(process);
    return process.output();
  }

  it('warn of it as soon as the first that differs is started, whichever it is', async () => {
    const mismatch = /"level":"warn".*Other processes have their queue in (\w+), this one in (\w+): /;
    expect(await start('api')).not.toMatch(mismatch);
    expect(await start('worker')).not.toMatch(mismatch);
    const REDIS_URL = redis.url;
    expect(mismatch.exec(await start('worker', { REDIS_URL }))?.slice(1)).toEqual(['PostgreSQL', 'Redis']);
    expect(mismatch.exec(await start('worker'))?.slice(1)).toEqual(['Redis', 'PostgreSQL']);
  }, 120_000);
});
