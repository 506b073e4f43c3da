import { randomBytes } from 'node:crypto';
import { Module } from '@nestjs/common';
import { expect } from 'vitest';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { apiControllers, apiProviders } from '../../src/api.module.js';
import { accessProviders } from '../../src/access/access.module.js';
import { auditProviders } from '../../src/audit/audit.module.js';
import { Config, readConfig } from '../../src/config/config.js';
import { ContentReader } from '../../src/content/content.reader.js';
import { ContentService } from '../../src/content/content.service.js';
import { ContentStore } from '../../src/content/content.store.js';
import { Database } from '../../src/database/database.js';
import { credentialsProviders } from '../../src/vault/credentials.module.js';
import { credentialProviders } from '../../src/features/credentials/credential.module.js';
import { SealingKeys } from '../../src/vault/credential-vault.js';
import { healthControllers, healthProviders } from '../../src/health/health.module.js';
import { type ApiAppOptions, createApiApp } from '../../src/http/http-app.js';
import { httpProviders } from '../../src/http/http.module.js';
import { Metrics } from '../../src/logging/metrics.js';
import { operationProviders } from '../../src/operations/operation.module.js';
import { RateLimits } from '../../src/rate-limit/rate-limits.js';
import { Outbox } from '../../src/operations/outbox.js';
import { Doorbell } from '../../src/queue/doorbell.js';
import { watchContract } from './contract.js';
import { createTestDatabase } from './database.js';

/** A doorbell that nobody answers: it remembers who rang. */
export class SilentDoorbell extends Doorbell {
  readonly rings: string[] = [];
  async ring(repositoryId: string): Promise<void> {
    this.rings.push(repositoryId);
  }
  async listen(): Promise<void> {}
  async depth(): Promise<{ waiting: number; active: number }> {
    return { waiting: this.rings.length, active: 0 };
  }
  async close(): Promise<void> {}
}

export interface TestApi {
  app: NestFastifyApplication;
  url: string;
  database: Database;
  doorbell: SilentDoorbell;
  config: Config;
  close(): Promise<void>;
}

/** The HTTP side of pkgserver over a database of its own, listening on a free port, with no worker behind it. */
export async function startTestApi(
  variables: Record<string, string> = {},
  options: ApiAppOptions = {},
): Promise<TestApi> {
  const { database, drop } = await createTestDatabase();
  const doorbell = new SilentDoorbell();
  const config = readConfig({ AUTH: 'none', RATE_LIMIT_IDENTITY: '0', RATE_LIMIT_ADDRESS: '0', ...variables });
  const { rateLimitIdentity: identity, rateLimitAddress: address, redisUrl } = config;
  const rateLimits = new RateLimits({ identity, address, redisUrl });
  @Module({
    controllers: [...apiControllers, ...healthControllers],
    providers: [
      { provide: Config, useValue: config },
      { provide: Database, useValue: database },
      { provide: Doorbell, useValue: doorbell },
      { provide: SealingKeys, useValue: new SealingKeys([randomBytes(32)]) },
      Outbox,
      ...accessProviders,
      ...apiProviders,
      ...healthProviders,
      { provide: RateLimits, useValue: rateLimits },
      { provide: Metrics, useValue: new Metrics() },
      ...auditProviders,
      ...httpProviders,
      ...operationProviders,
      ...credentialsProviders,
      ...credentialProviders,
      ContentStore,
      ContentReader,
      ContentService,
    ],
  })
  class TestModule {}
  const app = await createApiApp(TestModule, { nest: { logger: ['error', 'warn'] }, ...options });
  const faults = await watchContract(app.getHttpAdapter().getInstance());
  await app.listen(0, '127.0.0.1');
  const close = async () => {
    // Bodies that a test left unread would hold their connections, and with them the server, open.
    app.getHttpServer().closeAllConnections();
    await app.close();
    await rateLimits.close();
    await drop();
    expect([...new Set(faults)], 'answers that are not as openapi.yaml says').toEqual([]);
  };
  return { app, database, doorbell, config, close, url: await app.getUrl() };
}
