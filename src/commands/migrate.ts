import { readStorageConfig, StartupError } from '../config/config.js';
import { checkUrls, prepareDatabase } from '../database/prepare.js';
import { prepareQueueTables } from '../queue/queue-backend.js';
import { runCommand } from './command.js';

const USAGE = `migrate    make the database what this version needs, and leave

Does it as the role of DATABASE_OWNER_URL, else of DATABASE_DIRECT_URL or DATABASE_URL, and gives the role of DATABASE_URL what it
needs. Processes then start without DATABASE_OWNER_URL. Safe to run again, and by several at once.`;

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(USAGE);
  const { databaseUrl, databaseDirectUrl, databaseOwnerUrl, redisUrl } = readStorageConfig();
  if (databaseUrl === undefined) {
    throw new StartupError(
      'DATABASE_URL must be set: the embedded PostgreSQL is migrated by the service that runs it.',
    );
  }
  const urls = { databaseUrl, directUrl: databaseDirectUrl, ownerUrl: databaseOwnerUrl };
  await checkUrls(urls);
  const applied = await prepareDatabase(urls);
  if (redisUrl === undefined) await prepareQueueTables(urls);
  console.log(applied.length > 0 ? `Migrations applied: ${applied.join(', ')}` : 'The database has all migrations.');
}

await runCommand(import.meta.url, main, { sentence: 'The database is not migrated', exitCode: 1 });
