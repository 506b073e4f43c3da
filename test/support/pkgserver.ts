import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { readConfig } from '../../src/config/config.js';
import type { Database } from '../../src/database/database.js';
import { startService } from '../../src/service.js';
import { createTestDatabase } from './database.js';

export interface Pkgserver {
  /** Without a slash at the end. */
  url: string;
  databaseUrl: string;
  /** A second connection to the database, for looking at rows. */
  database: Database;
  stop(): Promise<void>;
}

/** The whole service (API and worker) in this process, on a database of its own; settings as environment variables. */
export async function startPkgserver(settings: Record<string, string> = {}): Promise<Pkgserver> {
  Logger.overrideLogger(false);
  const { url: databaseUrl, database, drop } = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-test-'));
  const config = readConfig({
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    PORT: '0',
    AUTH: 'none',
    RATE_LIMIT_IDENTITY: '0',
    RATE_LIMIT_ADDRESS: '0',
    GIT_ALLOWED_HOSTS: '127.0.0.1',
    GIT_TIMEOUT_SECONDS: '5',
    GIT_TRANSPORT: process.env.GIT_TRANSPORT ?? '',
    SWEEP_INTERVAL_MS: '200',
    RETRY_MAX_SECONDS: '1',
    ...settings,
  });
  const service = await startService(config);
  return {
    url: service.url,
    databaseUrl,
    database,
    stop: async () => {
      await service.stop();
      await drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
