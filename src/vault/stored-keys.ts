import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { SealingKeys } from './credential-vault.js';
import { keyId } from './sealing.js';

const MOST_NAMED = 10;

/** Secrets that keys do not open: how many, and the first ones, each by its kind and the name of what it belongs to. */
export interface ClosedSecrets {
  count: number;
  /** At most ten, such as `credential "git-host"`. */
  named: string[];
}

/** What is stored of secrets, held against the keys that a process has. */
@Injectable()
export class StoredKeys {
  constructor(private readonly database: Database) {}

  /** How many secrets of credentials, receivers and webhooks none of the keys opens, but for those that were replaced; without keys, how many there are. */
  async closedTo(keys: Pick<SealingKeys, 'all'> | null): Promise<number> {
    const [row] = await this.database.client.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM (
        SELECT sealed FROM credential UNION ALL SELECT sealed FROM receiver UNION ALL SELECT sealed FROM webhook_secret WHERE signs_until IS NULL
      ) s WHERE encode(substring(s.sealed FROM 2 FOR 8), 'hex') <> ALL (${idsOf(keys)}::text[])`;
    return row?.count ?? 0;
  }

  /** The same, with names: for whoever may see all of the database. */
  async namedClosedTo(keys: Pick<SealingKeys, 'all'> | null): Promise<ClosedSecrets> {
    const named = await this.database.client.$queryRaw<{ kind: string; name: string }[]>`
      SELECT s.kind, s.name FROM (
        SELECT 'credential' AS kind, name, sealed FROM credential
        UNION ALL SELECT 'receiver', name, sealed FROM receiver
        UNION ALL SELECT 'webhook', w.name, k.sealed FROM webhook_secret k JOIN webhook w ON w.id = k.webhook_id
          WHERE k.signs_until IS NULL
      ) s WHERE encode(substring(s.sealed FROM 2 FOR 8), 'hex') <> ALL (${idsOf(keys)}::text[]) ORDER BY s.kind, s.name`;
    return { count: named.length, named: named.slice(0, MOST_NAMED).map(({ kind, name }) => `${kind} "${name}"`) };
  }
}

/** The ids that secrets bear which these keys open. */
const idsOf = (keys: Pick<SealingKeys, 'all'> | null): string[] =>
  (keys?.all ?? []).map((key) => keyId(key).toString('hex'));

/** Such as `credential "git-host", webhook "chat" and 3 others`. */
export function sayClosed({ count, named }: ClosedSecrets): string {
  const others = count - named.length;
  return others === 0 ? named.join(', ') : `${named.join(', ')} and ${others} others`;
}
