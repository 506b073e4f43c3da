import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';

/** A repository that is asked whether its refs are still those of the index. */
export interface PolledRepository {
  id: string;
  url: string;
  credentialId: string | null;
  syncIntervalSeconds: number | null;
  refsDigest: string;
  isTold: boolean;
  /** Since when it was to be asked. */
  dueAt: Date;
}

/** Whether a webhook has said of the repository of a row `p` of repository_polling, within a day, that something changed. */
export const IS_TOLD = Prisma.sql`coalesce(p.told_at > now() - interval '1 day', false)`;

const DUE = Prisma.sql`FROM repository_polling d
  WHERE d.next_sync_at <= now() AND d.failures = 0 AND d.refs_digest IS NOT NULL AND NOT d.history_due
  AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.scope_id = d.repository_id AND l.expires_at > now())`;

/** Whether a poll is due. */
export const IS_POLL_DUE = Prisma.sql`EXISTS (SELECT 1 ${DUE})`;

/** The poll's statements. It writes nothing but `repository_polling`, so that it needs no lease and holds up nobody. */
@Injectable()
export class PollingStore {
  constructor(private readonly database: Database) {}

  /**
   * Takes up to `limit` healthy repositories that are due, and puts them off by `seconds`: by then the poll has ended,
   * or the worker that made it. Those that failed last, or of which not all is in the index yet, are visited instead.
   */
  async claim(limit: number, seconds: number): Promise<PolledRepository[]> {
    return this.database.client.$queryRaw<PolledRepository[]>`
      UPDATE repository_polling p SET next_sync_at = now() + make_interval(secs => ${seconds})
      FROM (
        SELECT d.repository_id, d.next_sync_at ${DUE}
        ORDER BY d.next_sync_at LIMIT ${limit} FOR UPDATE OF d SKIP LOCKED
      ) due JOIN repository r ON r.id = due.repository_id
      WHERE p.repository_id = due.repository_id
      RETURNING r.id, r.url, r.credential_id AS "credentialId", r.sync_interval_seconds AS "syncIntervalSeconds",
        p.refs_digest AS "refsDigest", ${IS_TOLD} AS "isTold", due.next_sync_at AS "dueAt"`;
  }

  /** Notes of all these at once that nothing changed. Where a visit was quicker its word stands. */
  async saveUnchanged(polls: readonly { id: string; refsDigest: string; nextSyncAt: Date }[]): Promise<void> {
    if (polls.length === 0) return;
    await this.database.client.$executeRaw`
      UPDATE repository_polling p SET last_synced_at = now(), next_sync_at = u.next_sync_at
      FROM unnest(${polls.map(({ id }) => id)}::uuid[], ${polls.map(({ refsDigest }) => refsDigest)}::text[],
        ${polls.map(({ nextSyncAt }) => nextSyncAt)}::timestamptz[]) AS u(id, digest, next_sync_at)
      WHERE p.repository_id = u.id AND p.refs_digest = u.digest`;
  }

  /** The index may not hold what the remote holds: a visit is due. */
  async saveDoubt(repositoryId: string): Promise<void> {
    await this.database.client.$executeRaw`
      UPDATE repository_polling SET refs_digest = NULL, next_sync_at = now() WHERE repository_id = ${repositoryId}::uuid`;
  }
}
