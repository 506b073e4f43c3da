import type { Logger } from '@nestjs/common';
import { type Config, StartupError } from './config/config.js';
import { hasSealingKeys, readSealingKeys } from './config/sealing-key.js';
import type { Database } from './database/database.js';
import { SealingKeys } from './vault/credential-vault.js';
import { sayClosed, StoredKeys } from './vault/stored-keys.js';

/** The keys of a process, held against what is stored: a lost key is not made anew in silence. Throws StartupError. */
export async function openSealingKeys(config: Config, database: Database, log: Logger): Promise<SealingKeys> {
  const stored = new StoredKeys(database);
  const sealed = hasSealingKeys(config) ? 0 : await stored.closedTo(null);
  if (sealed > 0) {
    throw new StartupError(
      `The database holds ${sealed} sealed secrets, and there is no key for them: neither CREDENTIALS_KEY nor credentials.key in ` +
        `DATA_DIR ${config.dataDir}. Set CREDENTIALS_KEY to that of the other processes, or restore the file. Where the key is lost, ` +
        'set CREDENTIALS_KEY to a new one (openssl rand -base64 32), and then the secret of each credential, receiver and webhook.',
    );
  }
  const keys = new SealingKeys(await readSealingKeys(config));
  const closed = await stored.namedClosedTo(keys);
  if (closed.count > 0) {
    log.warn(
      `${closed.count} secrets are sealed with a key that this process does not have; what needs them waits: ${sayClosed(closed)}. Give every process the same CREDENTIALS_KEY.`,
    );
  }
  return keys;
}
