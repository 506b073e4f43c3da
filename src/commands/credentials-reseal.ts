import { AuditLog } from '../audit/audit-log.js';
import { readStorageConfig } from '../config/config.js';
import { readSealingKeys } from '../config/sealing-key.js';
import type { Database } from '../database/database.js';
import type { Credential } from '../database/generated/client.js';
import { messageOf } from '../domain/message-of.js';
import { CredentialStore } from '../vault/credential.store.js';
import { CredentialVault, SealingKeys } from '../vault/credential-vault.js';
import { runCommand, withDatabase } from './command.js';

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
  let count = 0;
  for (const id of ids) {
    await database.transaction(async () => {
      const credential = await store.lock(id);
      const sealed = credential && resealed(vault, credential);
      if (!sealed) return;
      await store.reseal(id, sealed);
      await log.record([{ action: 'credential.resealed', actor: ACTOR, resourceType: 'Credential', resourceId: id }]);
      count += 1;
    });
  }
  return { all: ids.length, resealed: count };
}

function resealed(vault: CredentialVault, credential: Credential): Uint8Array<ArrayBuffer> | null {
  try {
    return vault.reseal(credential);
  } catch (cause) {
    const advice = 'Put the key that it was sealed with behind the new one in CREDENTIALS_KEY.';
    throw new Error(`"${credential.name}": ${messageOf(cause)} ${advice}`, { cause });
  }
}

async function main(): Promise<void> {
  const config = readStorageConfig();
  const keys = new SealingKeys(await readSealingKeys(config));
  await withDatabase(config, async (database) => {
    const { all, resealed } = await resealCredentials(database, keys);
    console.log(`${all} credentials, ${resealed} of them sealed anew with the first key.`);
    console.log('Keep the older keys: by them an index that is made again from Git knows what this service published.');
  });
}

await runCommand(import.meta.url, main, { sentence: 'Not all credentials are sealed anew', exitCode: 1 });
