import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { Database } from '../../database/database.js';
import { Prisma, type Repository } from '../../database/generated/client.js';
import { nameTaken } from '../../database/name-taken.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import { REPOSITORY_SORTS, type RepositoryFilter, repositoryConditions } from './repository.filter.js';

/** A repository's row with what is counted and when it was last read. */
export type RepositoryRow = Omit<Repository, 'urlKey' | 'moved' | 'headsBy'> & {
  lastSyncedAt: Date | null;
  nextSyncAt: Date | null;
  /** Attempts in a row that could not read the remote, and until when what is asked of it waits for that reason. */
  failures: number;
  blockedUntil: Date | null;
  packageCount: number;
  revisionCount: number;
};

/** What someone may see: repositories, and packages in them. */
export interface VisibleThere {
  repositories: Visibility;
  packages: Visibility;
}

/** `packages`: those that are counted. */
const select = (packages: Visibility) => Prisma.sql`
  SELECT r.id, r.name, r.description, r.labels, r.deployment, r.url, r.ref, r.directory,
    r.credential_id AS "credentialId", r.sync_interval_seconds AS "syncIntervalSeconds", r.policy, r.discovery, r.conditions,
    r.commit,
    r.ignored_tags AS "ignoredTags", r.version, r.created_at AS "createdAt", r.created_by AS "createdBy",
    r.updated_at AS "updatedAt", r.updated_by AS "updatedBy", p.last_synced_at AS "lastSyncedAt", p.next_sync_at AS "nextSyncAt",
    COALESCE(p.failures, 0) AS failures, p.blocked_until AS "blockedUntil",
    (SELECT count(*)::int FROM package k WHERE k.repository_id = r.id${andVisible(packages, 'k')}) AS "packageCount",
    (SELECT count(*)::int FROM package_revision v WHERE v.repository_id = r.id${andVisible(packages, 'v')}) AS "revisionCount"
  FROM repository r LEFT JOIN repository_polling p ON p.repository_id = r.id`;

function andVisible(packages: Visibility, alias: string): Prisma.Sql {
  const condition = visibleSql(packages, alias);
  return condition === null ? Prisma.empty : Prisma.sql` AND ${condition}`;
}

const LIKELY_REF = 'main';

@Injectable()
export class RepositoryStore {
  constructor(private readonly database: Database) {}

  /** With the packages counted that may be seen. */
  async find(id: string, packages: Visibility): Promise<RepositoryRow | null> {
    const rows = await this.database.readByKey<RepositoryRow>(Prisma.sql`${select(packages)} WHERE r.id = ${id}::uuid`);
    return rows[0] ?? null;
  }

  /** Locks the row until the transaction ends. Whoever changes a repository may see all that is in it. */
  async lock(id: string): Promise<RepositoryRow | null> {
    await this.database.client.$queryRaw`SELECT id FROM repository WHERE id = ${id}::uuid FOR UPDATE`;
    return this.find(id, 'all');
  }

  /** In the order of names unless asked for otherwise. */
  async list(
    filter: RepositoryFilter,
    { repositories, packages }: VisibleThere,
    part: Part,
  ): Promise<Rows<RepositoryRow>> {
    const conditions = repositoryConditions(filter);
    if (repositories !== 'all') conditions.push(Prisma.sql`r.id = ANY(${[...repositories.repositoryIds]}::uuid[])`);
    const sort = sortOf(REPOSITORY_SORTS, part.sort ?? 'name');
    const found = await this.database.read<RepositoryRow>(
      Prisma.sql`${select(packages)} ${partSql(sort, conditions, part)}`,
    );
    return rowsOf(sort, found, part);
  }

  /**
   * Other repositories of the same remote and ref; no other is registered for it until the transaction ends. A ref that
   * is not known yet (empty) counts as what it is most likely to be.
   */
  async lockSameRemote(
    { urlKey, ref }: { urlKey: string; ref: string },
    id?: string,
  ): Promise<{ name: string; directory: string }[]> {
    await this.database.lockName(`repository:${urlKey}`);
    return this.database.client.repository.findMany({
      where: {
        urlKey,
        ref: ref === '' || ref === LIKELY_REF ? { in: ['', LIKELY_REF] } : ref,
        ...(id !== undefined && { id: { not: id } }),
      },
      orderBy: { name: 'asc' },
      select: { name: true, directory: true },
    });
  }

  async insert(data: Prisma.RepositoryUncheckedCreateInput, nextSyncAt: Date): Promise<RepositoryRow> {
    await this.database.client.repository
      .create({ data: { ...data, polling: { create: { nextSyncAt } } }, select: { id: true } })
      .catch(nameTaken('repository', data.name));
    return this.reread(data.id);
  }

  async update(id: string, data: Prisma.RepositoryUncheckedUpdateInput): Promise<RepositoryRow> {
    await this.database.client.repository.update({
      where: { id },
      data: { ...data, version: { increment: 1 } },
      select: { id: true },
    });
    return this.reread(id);
  }

  /** Brings the next poll forward to `time`, never back. */
  async syncBy(id: string, time: Date): Promise<void> {
    await this.database.client.repositoryPolling.updateMany({
      where: { repositoryId: id, nextSyncAt: { gt: time } },
      data: { nextSyncAt: time },
    });
  }

  /** Has all that the remote's refs say read again, as soon as a worker comes. */
  async readAnew(id: string): Promise<void> {
    await this.database.client.remoteRef.updateMany({ where: { repositoryId: id }, data: { oid: '' } });
    await this.database.client.repositoryPolling.updateMany({
      where: { repositoryId: id },
      data: { refsDigest: null, nextSyncAt: new Date(), failures: 0, blockedUntil: null },
    });
  }

  /** Names of drafts and proposals, and how many there are. */
  async unpublished(id: string, limit: number): Promise<{ names: string[]; count: number }> {
    const where = {
      repositoryId: id,
      lifecycle: { in: ['draft', 'proposed'] },
    } satisfies Prisma.PackageRevisionWhereInput;
    const rows = await this.database.client.packageRevision.findMany({
      where,
      orderBy: { id: 'asc' },
      take: limit,
      select: { name: true },
    });
    const count = rows.length < limit ? rows.length : await this.database.client.packageRevision.count({ where });
    return { names: rows.map((row) => row.name), count };
  }

  /** Deletes the repository and, by cascade, all that is indexed of it. */
  async delete(id: string): Promise<void> {
    await this.database.client.repository.delete({ where: { id }, select: { id: true } });
  }

  private async reread(id: string): Promise<RepositoryRow> {
    const row = await this.find(id, 'all');
    if (!row) throw new Error(`Repository ${id} is missing right after it was written`);
    return row;
  }
}
