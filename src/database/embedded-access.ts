import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '../config/config.js';
import { connect } from './connect.js';
import { DATABASE, EmbeddedPostgres } from './embedded-postgres.js';
import { SUPERUSER } from './postgres-cluster.js';

/** The embedded PostgreSQL of a data folder, whether pkgserver runs on it just now or not. */
export async function openEmbedded(dataDir: string): Promise<{ url: string; close(): Promise<void> }> {
  const folder = join(dataDir, 'postgres');
  await access(join(folder, 'cluster')).catch((error: unknown) => {
    throw new StartupError(`${dataDir} holds no embedded PostgreSQL: set DATA_DIR or DATABASE_URL.`, { cause: error });
  });
  const url = await urlOfRunning(folder);
  if (url !== null) return { url, close: async () => undefined };
  const server = await EmbeddedPostgres.start(dataDir);
  return { url: server.url, close: () => server.stop() };
}

/** The URL of the one that runs in this folder just now; null: none does. */
export async function urlOfRunning(folder: string): Promise<string | null> {
  // As PostgreSQL writes it: the port is in the fourth line.
  const port = (await readFile(join(folder, 'cluster', 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[3];
  if (!port) return null;
  const password = await readFile(join(folder, 'password'), 'utf8');
  const url = `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${DATABASE}`;
  const client = await connect(url).catch(() => null);
  await client?.end();
  return client && url;
}
