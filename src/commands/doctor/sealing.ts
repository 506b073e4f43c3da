import { StartupError } from '../../config/config.js';
import { hasSealingKeys, readSealingKeys } from '../../config/sealing-key.js';
import { SealingKeys } from '../../vault/credential-vault.js';
import { sayClosed, StoredKeys } from '../../vault/stored-keys.js';
import { type Check, failed, ok } from './check.js';

export const sealingKey: Check = {
  name: 'sealing key',
  needs: 'tables',
  look: async ({ config, database }) => {
    const stored = new StoredKeys(database);
    if (!hasSealingKeys(config)) {
      const sealed = await stored.closedTo(null);
      if (sealed === 0)
        return [ok('There is no key yet and nothing is sealed: the first start makes one in DATA_DIR.')];
      return [
        failed(
          `There is no key, and the database holds ${sealed} sealed secrets.`,
          `Set CREDENTIALS_KEY to that of the other processes, or restore credentials.key in ${config.dataDir}.`,
        ),
      ];
    }
    try {
      // There is one, so that none is made.
      const closed = await stored.namedClosedTo(new SealingKeys(await readSealingKeys(config)));
      if (closed.count === 0) return [ok('The keys are those of all sealed secrets.')];
      return [
        failed(
          `${closed.count} secrets are sealed with a key that is not among those given: ${sayClosed(closed)}.`,
          'Give every process the same CREDENTIALS_KEY, older keys behind commas; where the key is lost, set these secrets again.',
        ),
      ];
    } catch (error) {
      if (!(error instanceof StartupError)) throw error;
      return [failed(error.message)];
    }
  },
};
