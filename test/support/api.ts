import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../src/app.module.js';
import type { Config } from '../../src/config/config.js';
import type { Database } from '../../src/database/database.js';
import { type ApiAppOptions, createApiApp } from '../../src/http/http-app.js';
import { openTestResources } from './resources.js';
import type { SilentDoorbell } from './silent-doorbell.js';

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
  const resources = await openTestResources(variables);
  const { database, doorbell, config } = resources;
  const app = await createApiApp(AppModule.register('api', resources), {
    nest: { logger: ['error', 'warn'] },
    ...options,
  });
  await app.listen(0, '127.0.0.1');
  const close = async () => {
    // Bodies that a test left unread would hold their connections, and with them the server, open.
    app.getHttpServer().closeAllConnections();
    await app.close();
    await resources.release();
  };
  return { app, database, doorbell, config, close, url: await app.getUrl() };
}
