import { pathToFileURL } from 'node:url';
import { AuditLog } from '../audit/audit-log.js';
import { readStorageConfig } from '../config/config.js';
import { readSealingKeys } from '../config/sealing-key.js';
import { Database } from '../database/database.js';
import { openEmbedded } from '../database/embedded-access.js';
import { CredentialStore } from '../vault/credential.store.js';
import { CredentialVault, SealingKeys } from '../vault/credential-vault.js';

/** Who it is in the audit log. */
const ACTOR = 'pkgserver:reseal';

/**
 * Seals every credential with the first of the keys, each in a transaction of its own; safe to run again, and while the
 * service runs with the same keys. Gives how many there are and how many were sealed anew.
 */
export async function resealCredentials(
  database: Database,
  keys: SealingKeys,
): Promise<{ all: number; resealed: number }> {
  const store = new CredentialStore(database);
  const vault = new CredentialVault(keys);
  const log = new AuditLog(database);
  const ids = await store.ids();
  let resealed = 0;
  for (const id of ids) {
    await database.transaction(async () => {
      const credential = await store.lock(id);
      const sealed = credential && vault.reseal(credential);
      if (!sealed) return;
      await store.reseal(id, sealed);
      await log.record([{ action: 'credential.resealed', actor: ACTOR, resourceType: 'Credential', resourceId: id }]);
      resealed += 1;
    });
  }
  return { all: ids.length, resealed };
}

async function main(): Promise<void> {
  const config = readStorageConfig();
  const keys = new SealingKeys(await readSealingKeys(config));
  const { databaseUrl, dataDir } = config;
  const { url, close } = databaseUrl ? { url: databaseUrl, close: async () => undefined } : await openEmbedded(dataDir);
  const database = new Database({ url, poolSize: 2 });
  try {
    const { all, resealed } = await resealCredentials(database, keys);
    console.log(`${all} credentials, ${resealed} of them sealed anew with the first key.`);
  } finally {
    await database.onModuleDestroy();
    await close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main().catch((error: unknown) => {
    console.error(`Not all credentials are sealed anew: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}
