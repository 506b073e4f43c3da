import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Provider } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { auditProviders } from '../../src/audit/audit.module.js';
import { Config, readConfig, searchPath } from '../../src/config/config.js';
import { contentProviders } from '../../src/content/content.module.js';
import { Database } from '../../src/database/database.js';
import type { Repository } from '../../src/database/generated/client.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { credentialsProviders } from '../../src/vault/credentials.module.js';
import { credentialProviders } from '../../src/features/credentials/credential.module.js';
import { SealingKeys } from '../../src/vault/credential-vault.js';
import { createGit } from '../../src/git/create-git.js';
import { GitPort } from '../../src/git/port.js';
import { Metrics } from '../../src/logging/metrics.js';
import { engineProviders } from '../../src/operations/engine.module.js';
import { operationProviders } from '../../src/operations/operation.module.js';
import { Visitor } from '../../src/operations/engine/visitor.js';
import { Outbox } from '../../src/operations/outbox.js';
import { Doorbell } from '../../src/queue/doorbell.js';
import { createTestDatabase } from './database.js';

/** A doorbell that nobody hears: the test makes the visits itself. */
class SilentDoorbell extends Doorbell {
  async ring(): Promise<void> {}
  async listen(): Promise<void> {}
  async depth() {
    return { waiting: 0, active: 0 };
  }
  async close(): Promise<void> {}
}

/** The engine on a database of its own, without API, queue or processes: a test decides when a visit happens. */
export interface TestEngine {
  database: Database;
  module: TestingModule;
  outbox: Outbox;
  /** Registers a repository as the API does. */
  register(repository: {
    name: string;
    url: string;
    deployment?: boolean;
    directory?: string;
    ref?: string;
  }): Promise<Repository>;
  visit(repositoryId: string): Promise<void>;
  /** Forgets the mirror, as a lost disk would. */
  dropMirror(repositoryId: string): Promise<void>;
  stop(): Promise<void>;
}

export interface TestEngineOptions {
  /** Works on the database of another engine, as a second worker process does. Stop this one first. */
  beside?: TestEngine;
  /** More providers, such as those of a feature. */
  providers?: readonly Provider[];
}

export async function startEngine(
  settings: Record<string, string> = {},
  { beside, providers = [] }: TestEngineOptions = {},
): Promise<TestEngine> {
  const { database, drop } = beside ? { database: beside.database, drop: async () => {} } : await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-engine-'));
  const config = readConfig({
    GIT_ALLOWED_HOSTS: '127.0.0.1',
    DATA_DIR: dataDir,
    GIT_TIMEOUT_SECONDS: '15',
    GIT_TRANSPORT: process.env.GIT_TRANSPORT ?? '',
    ...settings,
  });
  const { git } = await createGit({
    transport: config.gitTransport,
    searchPath: searchPath(),
    dataDir,
    allowedHosts: config.gitAllowedHosts,
    idleTimeoutMs: config.gitTimeoutSeconds * 1000,
  });
  const module = await Test.createTestingModule({
    providers: [
      { provide: Config, useValue: config },
      { provide: Database, useValue: database },
      { provide: Doorbell, useClass: SilentDoorbell },
      { provide: GitPort, useValue: git },
      { provide: Metrics, useValue: new Metrics() },
      { provide: SealingKeys, useValue: beside?.module.get(SealingKeys) ?? new SealingKeys([randomBytes(32)]) },
      ...auditProviders,
      ...credentialsProviders,
      ...credentialProviders,
      ...operationProviders,
      ...contentProviders,
      ...engineProviders,
      ...providers,
    ],
  }).compile();
  return {
    database,
    module,
    outbox: module.get(Outbox),
    register: (repository) => register(database, repository),
    visit: (id) => module.get(Visitor).visit(id),
    dropMirror: (id) => git.remove(id),
    stop: async () => {
      await git.close();
      await drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function register(
  database: Database,
  { name, url, deployment = false, directory = '', ref = 'main' }: Parameters<TestEngine['register']>[0],
): Promise<Repository> {
  const now = new Date();
  const id = uuidv7();
  return database.client.repository.create({
    data: {
      ...{ id, name, url, urlKey: url, deployment, directory, ref },
      ...{ createdAt: now, createdBy: 'alice', updatedAt: now, updatedBy: 'alice' },
      polling: { create: { nextSyncAt: now } },
    },
  });
}
