import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { SealingKeys } from './credential-vault.js';
import { keyId } from './sealing.js';

/** What is stored of secrets, held against the keys that a process has. */
@Injectable()
export class StoredKeys {
  constructor(private readonly database: Database) {}

  /** How many secrets of credentials, receivers and webhooks none of the keys opens, but for those that were replaced; without keys, how many there are. */
  async closedTo(keys: Pick<SealingKeys, 'all'> | null): Promise<number> {
    const ids = (keys?.all ?? []).map((key) => keyId(key).toString('hex'));
    const [row] = await this.database.client.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM (
        SELECT sealed FROM credential UNION ALL SELECT sealed FROM receiver UNION ALL SELECT sealed FROM webhook_secret WHERE signs_until IS NULL
      ) s WHERE encode(substring(sealed FROM 2 FOR 8), 'hex') <> ALL (${ids}::text[])`;
    return row?.count ?? 0;
  }
}
