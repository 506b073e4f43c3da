import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Repository } from '../../database/generated/client.js';
import type { Condition } from '../../domain/revision.js';
import type { IndexChanges } from './index-changes.js';

/** The statements of a sync over refs and the repository's own row. */
@Injectable()
export class SyncStore {
  constructor(private readonly database: Database) {}

  async knownRefs(repositoryId: string): Promise<Map<string, string>> {
    const rows = await this.database.client.remoteRef.findMany({
      where: { repositoryId },
      select: { name: true, oid: true },
    });
    return new Map(rows.map((row) => [row.name, row.oid]));
  }

  async headPaths(repositoryId: string): Promise<string[]> {
    const rows = await this.database.client.package.findMany({
      where: { repositoryId, headTree: { not: null } },
      select: { path: true },
    });
    return rows.map((row) => row.path);
  }

  async knownDigest(repositoryId: string): Promise<string | null> {
    const row = await this.database.client.repositoryPolling.findUnique({ where: { repositoryId } });
    return row?.refsDigest ?? null;
  }

  async saveRefs(repositoryId: string, refs: IndexChanges['refs']): Promise<void> {
    const gone = refs.filter((ref) => ref.oid === null).map((ref) => ref.name);
    const present = refs.filter((ref) => ref.oid !== null);
    if (gone.length > 0) {
      await this.database.client.remoteRef.deleteMany({ where: { repositoryId, name: { in: gone } } });
    }
    if (present.length === 0) return;
    await this.database.client.$executeRaw`
      INSERT INTO remote_ref (repository_id, name, oid, ignored)
      SELECT ${repositoryId}::uuid, r.name, r.oid, r.ignored
      FROM unnest(${present.map((ref) => ref.name)}::text[], ${present.map((ref) => ref.oid)}::text[],
        ${present.map((ref) => ref.ignored)}::boolean[]) AS r(name, oid, ignored)
      ON CONFLICT (repository_id, name) DO UPDATE SET oid = excluded.oid, ignored = excluded.ignored`;
  }

  /**
   * Has the next sync, due at once, read these refs as if they were new. They stay known, at nothing: one that is gone
   * by then is a change too, and a draft that was found there goes with it. Whether there are any.
   */
  async forgetRefs(repositoryId: string, names: readonly string[]): Promise<boolean> {
    if (names.length === 0) return false;
    const { count } = await this.database.client.remoteRef.updateMany({
      where: { repositoryId, name: { in: [...names] } },
      data: { oid: '' },
    });
    if (count > 0) await this.savePolling(repositoryId, { refsDigest: null, nextSyncAt: new Date() });
    return count > 0;
  }

  /** Notes what the sync found on the repository, writing only what is different. */
  async saveRepository(
    repository: Repository,
    commit: string | null,
    condition: Omit<Condition, 'lastTransitionTime'>,
  ): Promise<void> {
    const ignoredTags = await this.database.client.remoteRef.count({
      where: { repositoryId: repository.id, ignored: true },
    });
    const conditions = transition(repository.conditions as unknown as Condition[], condition);
    if (conditions === null && commit === repository.commit && ignoredTags === repository.ignoredTags) return;
    await this.database.client.repository.updateMany({
      where: { id: repository.id },
      data: { commit, ignoredTags, ...(conditions && { conditions }) },
    });
  }

  /** Notes what is to be said of the repository, writing only what is different. */
  async saveCondition(repository: Repository, condition: Omit<Condition, 'lastTransitionTime'>): Promise<void> {
    const conditions = transition(repository.conditions as unknown as Condition[], condition);
    if (conditions === null) return;
    await this.database.client.repository.updateMany({
      where: { id: repository.id },
      data: { conditions },
    });
  }

  /** The remote answered; `refsDigest` null: with refs that the index does not hold yet. */
  async savePolling(
    repositoryId: string,
    data: { refsDigest?: string | null; lastSyncedAt?: Date; nextSyncAt: Date },
  ): Promise<void> {
    await this.database.client.repositoryPolling.updateMany({
      where: { repositoryId },
      data: { ...data, failures: 0, blockedUntil: null },
    });
  }
}

/** The conditions with this one in them; null when they say it already. */
function transition(conditions: readonly Condition[], next: Omit<Condition, 'lastTransitionTime'>): Condition[] | null {
  const present = conditions.find((condition) => condition.type === next.type);
  if (present?.status === next.status && present.reason === next.reason && present.message === next.message)
    return null;
  const lastTransitionTime = present?.status === next.status ? present.lastTransitionTime : new Date().toISOString();
  return [...conditions.filter((condition) => condition.type !== next.type), { ...next, lastTransitionTime }];
}

/** One value that changes when any ref does. */
export function refsDigest(refs: ReadonlyMap<string, string>): string {
  let lines = '';
  for (const name of [...refs.keys()].sort()) lines += `${refs.get(name)} ${name}\n`;
  return createHash('sha256').update(lines).digest('hex');
}
