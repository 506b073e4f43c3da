import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { nameTaken } from '../../database/name-taken.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import { TARGET_SORTS, type TargetFilter, targetConditions } from './target.filter.js';
import { packageSeenSql, repositorySeenSql, targetSeenSql, type TargetSight } from './target.sql.js';

/** A target as somebody sees it. */
export interface TargetRow {
  id: string;
  name: string;
  description: string | null;
  labels: Record<string, string>;
  /** Those that are there and may be seen; null: it names none. */
  repositoryIds: string[] | null;
  /** Packages that may be seen. */
  packageCount: number;
  createdAt: Date;
  createdBy: string | null;
  updatedAt: Date;
}

const EVERYTHING: TargetSight = { packages: 'all', repositories: 'all' };

const select = ({ packages, repositories }: TargetSight): Prisma.Sql => Prisma.sql`
  SELECT t.id, t.name, t.description, t.labels, CASE WHEN t.repository_ids <> '{}' THEN ARRAY(
      SELECT s.id::text FROM unnest(t.repository_ids) x(id) JOIN repository s ON s.id = x.id
      WHERE ${repositorySeenSql(repositories, Prisma.sql`s.id`)} ORDER BY s.id
    ) END AS "repositoryIds", (
      SELECT count(*)::int FROM package p WHERE p.target = t.name AND ${packageSeenSql(packages)}
    ) AS "packageCount", t.created_at AS "createdAt", t.created_by AS "createdBy", t.updated_at AS "updatedAt"
  FROM target t`;

/** The rows of targets, but for those that come with their packages: `revisions/targets`. */
@Injectable()
export class TargetStore {
  constructor(private readonly database: Database) {}

  /** In the order of names unless asked for otherwise. */
  async list(filter: TargetFilter, sight: TargetSight, part: Part): Promise<Rows<TargetRow>> {
    const sort = sortOf(TARGET_SORTS, part.sort ?? 'name');
    const conditions = [...targetConditions(filter, sight), targetSeenSql(sight)];
    const found = await this.database.read<TargetRow>(Prisma.sql`${select(sight)} ${partSql(sort, conditions, part)}`);
    return rowsOf(sort, found, part);
  }

  /** Whoever asks was let in by the guard. */
  async find(id: string, sight: TargetSight): Promise<TargetRow | null> {
    const [row] = await this.database.read<TargetRow>(Prisma.sql`${select(sight)} WHERE t.id = ${id}::uuid`);
    return row ?? null;
  }

  /** Locks the row until the transaction ends. Whoever changes targets sees everything. */
  async lock(id: string): Promise<TargetRow | null> {
    await this.database.client.$queryRaw`SELECT 1 FROM target WHERE id = ${id}::uuid FOR UPDATE`;
    return this.find(id, EVERYTHING);
  }

  async insert(data: Prisma.TargetCreateInput & { id: string }): Promise<TargetRow> {
    await this.database.client.target.create({ data, select: { id: true } }).catch(nameTaken('target', data.name));
    return this.reread(data.id);
  }

  async update(id: string, data: Prisma.TargetUpdateInput): Promise<TargetRow> {
    await this.database.client.target.update({ where: { id }, data, select: { id: true } });
    return this.reread(id);
  }

  async delete(id: string): Promise<void> {
    await this.database.client.target.delete({ where: { id } });
  }

  /** Those of the ids that are of a repository. */
  async repositoriesAmong(ids: readonly string[]): Promise<Set<string>> {
    const where = { id: { in: [...ids] } };
    const rows = await this.database.client.repository.findMany({ where, select: { id: true } });
    return new Set(rows.map(({ id }) => id));
  }

  /** The names of repositories with packages that go there, in their order. */
  async repositoriesOf(name: string, limit: number): Promise<string[]> {
    const rows = await this.database.client.repository.findMany({
      where: { packages: { some: { target: name } } },
      orderBy: { name: 'asc' },
      take: limit,
      select: { name: true },
    });
    return rows.map((repository) => repository.name);
  }

  private async reread(id: string): Promise<TargetRow> {
    const row = await this.find(id, EVERYTHING);
    if (!row) throw new Error(`Target ${id} is missing right after it was written`);
    return row;
  }
}
