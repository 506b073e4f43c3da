import { AuditLog } from '../audit/audit-log.js';
import { readStorageConfig } from '../config/config.js';
import { readSealingKeys } from '../config/sealing-key.js';
import type { Database } from '../database/database.js';
import { CredentialStore } from '../vault/credential.store.js';
import { CredentialVault, SealingKeys } from '../vault/credential-vault.js';
import { ReceiverSecretStore } from '../vault/receiver-secret.store.js';
import { SealingError } from '../vault/sealing.js';
import { WebhookSecretStore } from '../vault/webhook-secret.store.js';
import { runCommand, withDatabase } from './command.js';

/** Who it is in the audit log. */
const ACTOR = 'pkgserver:reseal';

interface Sealed {
  id: string;
  name: string;
  sealed: Uint8Array;
}

export interface Resealed {
  all: number;
  resealed: number;
  /** The secrets that no key opens, each with the reason. */
  closed: string[];
}

/** The rows of one table that hold sealed secrets. */
interface SealedStore {
  ids(): Promise<string[]>;
  lock(id: string): Promise<Sealed | null>;
  reseal(id: string, sealed: Uint8Array<ArrayBuffer>): Promise<void>;
}

/**
 * Seals every secret of credentials, receivers and webhooks with the first of the keys, each in a transaction of its own; safe to run again, and while the
 * service runs with the same keys. Gives how many there are, how many were sealed anew, and which no key opens: those stay as they are.
 */
export async function resealCredentials(database: Database, keys: SealingKeys): Promise<Resealed> {
  const stores: [string, SealedStore][] = [
    ['Credential', new CredentialStore(database)],
    ['Receiver', new ReceiverSecretStore(database)],
    ['Webhook', new WebhookSecretStore(database)],
  ];
  const vault = new CredentialVault(keys);
  const log = new AuditLog(database);
  const count: Resealed = { all: 0, resealed: 0, closed: [] };
  for (const [resourceType, store] of stores) {
    for (const id of await store.ids()) {
      count.all += 1;
      await database.transaction(async () => {
        const row = await store.lock(id);
        if (row === null) return;
        const kind = resourceType.toLowerCase();
        const sealed = resealed(vault, row);
        if (sealed instanceof SealingError) count.closed.push(`${kind} "${row.name}": ${sealed.message}`);
        if (sealed === null || sealed instanceof SealingError) return;
        await store.reseal(id, sealed);
        const action = `${kind}.resealed`;
        await log.record([{ action, actor: ACTOR, resourceType, resourceId: id }]);
        count.resealed += 1;
      });
    }
  }
  return count;
}

function resealed(vault: CredentialVault, row: Sealed): Uint8Array<ArrayBuffer> | SealingError | null {
  try {
    return vault.reseal(row);
  } catch (error) {
    if (error instanceof SealingError) return error;
    throw error;
  }
}

async function main(): Promise<void> {
  const config = readStorageConfig();
  const keys = new SealingKeys(await readSealingKeys(config));
  await withDatabase(config, async (database) => {
    const { all, resealed, closed } = await resealCredentials(database, keys);
    console.log(
      `${all} secrets of credentials, receivers and webhooks, ${resealed} of them sealed anew with the first key.`,
    );
    console.log('Keep the older keys: by them an index that is made again from Git knows what this service published.');
    if (closed.length === 0) return;
    throw new Error(
      `${closed.length} of them are as they were:\n  ${closed.join('\n  ')}\n` +
        'Put the key that they were sealed with behind the new one in CREDENTIALS_KEY; where it is lost, set these secrets again.',
    );
  });
}

await runCommand(import.meta.url, main, { sentence: 'Not all secrets are sealed anew', exitCode: 1 });
