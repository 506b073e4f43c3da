import { pathToFileURL } from 'node:url';
import type { StorageConfig } from '../config/config.js';
import { Database } from '../database/database.js';
import { openEmbedded } from '../database/embedded-access.js';
import { messageOf } from '../domain/message-of.js';

/** Runs `main` where `module` (its `import.meta.url`) is the program that was started; `failure` says what went wrong. */
export async function runCommand(
  module: string,
  main: () => Promise<void>,
  failure: { sentence: string; exitCode: number },
): Promise<void> {
  if (module !== pathToFileURL(process.argv[1] ?? '').href) return;
  await main().catch((error: unknown) => {
    console.error(`${failure.sentence}: ${messageOf(error)}`);
    process.exitCode = failure.exitCode;
  });
}

/** Opens the database of the configuration, else the embedded one of the data folder, for as long as `work` takes. */
export async function withDatabase(
  { databaseUrl, databaseDirectUrl, dataDir }: StorageConfig,
  work: (database: Database) => Promise<void>,
): Promise<void> {
  const given = databaseDirectUrl ?? databaseUrl;
  const { url, close } = given ? { url: given, close: async () => undefined } : await openEmbedded(dataDir);
  const database = new Database({ url, poolSize: 2, part: 'command' });
  try {
    await work(database);
  } finally {
    await database.onModuleDestroy();
    await close();
  }
}
