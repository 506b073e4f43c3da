import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, searchPath } from '../../src/config/config.js';
import type { Resources } from '../../src/core.module.js';
import { Logger } from '@nestjs/common';
import { openBlobStore } from '../../src/open-blob-store.js';
import { Database } from '../../src/database/database.js';
import { createGit } from '../../src/git/create-git.js';
import { Metrics } from '../../src/logging/metrics.js';
import { RateLimits } from '../../src/rate-limit/rate-limits.js';
import { NoTracer } from '../../src/tracing/tracer.js';
import { SealingKeys } from '../../src/vault/credential-vault.js';
import { createTestDatabase } from './database.js';
import { SilentDoorbell } from './silent-doorbell.js';

/** The application's resources with a database and a data folder of the test's own, and a doorbell that no worker hears. */
export interface TestResources extends Resources {
  doorbell: SilentDoorbell;
  databaseUrl: string;
  /** Disconnects and removes what was made for the test. */
  release(): Promise<void>;
}

/**
 * Settings are environment variables. With `beside`, a second process of the same installation: it shares the database
 * and the sealing keys with the first one, which must be released last.
 */
export async function openTestResources(
  settings: Record<string, string> = {},
  beside?: TestResources,
): Promise<TestResources> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-test-'));
  const config = readConfig({
    AUTH: 'none',
    DATA_DIR: dataDir,
    GIT_ALLOWED_HOSTS: '127.0.0.1',
    GIT_TIMEOUT_SECONDS: '15',
    GIT_TRANSPORT: process.env.GIT_TRANSPORT ?? '',
    RATE_LIMIT_IDENTITY: '0',
    RATE_LIMIT_ADDRESS: '0',
    ...settings,
  });
  const { git } = await createGit({
    transport: config.gitTransport,
    searchPath: searchPath(),
    dataDir: config.dataDir,
    allowedHosts: config.gitAllowedHosts,
    idleTimeoutMs: config.gitTimeoutSeconds * 1000,
  });
  const { url, database, drop } = beside ? secondConnection(beside.databaseUrl) : await createTestDatabase();
  const { rateLimitIdentity: identity, rateLimitAddress: address, redisUrl } = config;
  const rateLimits = new RateLimits({ identity, address, redisUrl });
  return {
    config,
    database,
    databaseUrl: url,
    blobStore: await openBlobStore(config, database, new Logger('test')),
    doorbell: new SilentDoorbell(),
    git,
    metrics: new Metrics(),
    rateLimits,
    tracer: new NoTracer(),
    sealingKeys: beside?.sealingKeys ?? new SealingKeys([randomBytes(32)]),
    release: async () => {
      await git.close();
      await rateLimits.close();
      await drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function secondConnection(url: string) {
  const database = new Database({ url, poolSize: 10 });
  return { url, database, drop: () => database.onModuleDestroy() };
}
