import { Injectable } from '@nestjs/common';
import type { Visibility } from '../access/grants.js';
import { visibleSql } from '../access/visibility.sql.js';
import { containsSql } from '../database/contains.sql.js';
import { Database } from '../database/database.js';
import { type Package, Prisma } from '../database/generated/client.js';
import type { PackageIdentity } from '../domain/identity.js';
import { uuidv7 } from '../domain/uuid.js';

export interface PackageFilter {
  repository?: string | undefined;
  repositoryId?: string | undefined;
  /** Empty: without a target. */
  target?: string | undefined;
  realm?: string | undefined;
  package?: string | undefined;
  path?: string | undefined;
  /** The same as `package`. */
  name?: string | undefined;
  /** Part of the path. */
  q?: string | undefined;
}

/** A package as readers see it. */
export interface PackageRow {
  id: string;
  repositoryId: string;
  repository: string;
  path: string;
  target: string | null;
  realm: string;
  name: string;
  headTree: string | null;
  /** The commit of the repository's ref that the head was read from. */
  commit: string | null;
  createdAt: Date;
  updatedAt: Date;
  latestId: string | null;
  latestName: string | null;
  latestRevision: string | null;
  revisionCount: number;
}

@Injectable()
export class PackageStore {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<PackageRow | null> {
    const rows = await this.database.readByKey<PackageRow>(select([Prisma.sql`p.id = ${id}::uuid`], 1));
    return rows[0] ?? null;
  }

  /** A page in the order of ids, beginning behind `after`. Rows with neither a head nor a revision are left out. */
  async list(
    filter: PackageFilter,
    visible: Visibility,
    after: string | undefined,
    limit: number,
  ): Promise<PackageRow[]> {
    const conditions = packageConditions(filter);
    const visibility = visibleSql(visible, 'p');
    if (visibility) conditions.push(visibility);
    if (after !== undefined) conditions.push(Prisma.sql`p.id > ${after}::uuid`);
    return this.database.read<PackageRow>(select(conditions, limit));
  }

  /** The package's row, made where it is missing, and locked until the transaction ends. */
  async claim(repositoryId: string, identity: PackageIdentity): Promise<Pick<Package, 'id' | 'headTree'>> {
    const now = new Date();
    const rows = await this.database.client.$queryRaw<Pick<Package, 'id' | 'headTree'>[]>`
      INSERT INTO package (id, repository_id, path, target, realm, name, created_at, updated_at)
      VALUES (${uuidv7()}::uuid, ${repositoryId}::uuid, ${identity.path}, ${identity.target}, ${identity.realm},
        ${identity.package}, ${now}, ${now})
      ON CONFLICT (repository_id, path) DO UPDATE SET updated_at = excluded.updated_at
      RETURNING id, head_tree AS "headTree"`;
    const [row] = rows;
    if (!row) throw new Error(`No row for package "${identity.path}"`);
    return row;
  }

  async hasRevisions(id: string): Promise<boolean> {
    return (await this.database.client.packageRevision.count({ where: { packageId: id }, take: 1 })) > 0;
  }

  /** Removes a package of which nothing is left. */
  async deleteIfEmpty(id: string): Promise<void> {
    // Whoever adds a revision holds this row; only after the wait is it known what there is.
    await this.database.client.$queryRaw`SELECT id FROM package WHERE id = ${id}::uuid FOR UPDATE`;
    await this.database.client.package.deleteMany({ where: { id, headTree: null, revisions: { none: {} } } });
  }
}

function select(conditions: Prisma.Sql[], limit: number): Prisma.Sql {
  return Prisma.sql`
    SELECT p.id, p.repository_id AS "repositoryId", s.name AS repository, p.path, p.target, p.realm, p.name,
      p.head_tree AS "headTree", s.commit, p.created_at AS "createdAt", p.updated_at AS "updatedAt",
      l.id AS "latestId", l.name AS "latestName", l.revision AS "latestRevision", n.count AS "revisionCount"
    FROM package p
      JOIN repository s ON s.id = p.repository_id
      LEFT JOIN LATERAL (
        SELECT r.id, r.name, r.revision FROM package_revision r WHERE r.package_id = p.id AND r.latest LIMIT 1
      ) l ON true
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS count FROM package_revision r WHERE r.package_id = p.id
      ) n
    WHERE ${Prisma.join([...conditions, Prisma.sql`(p.head_tree IS NOT NULL OR n.count > 0)`], ' AND ')}
    ORDER BY p.id LIMIT ${limit}`;
}

function packageConditions(filter: PackageFilter): Prisma.Sql[] {
  const { repository, repositoryId, target, realm, path, q } = filter;
  const conditions: Prisma.Sql[] = [];
  if (repository !== undefined) {
    conditions.push(Prisma.sql`p.repository_id = (SELECT id FROM repository WHERE name = ${repository})`);
  }
  if (repositoryId !== undefined) conditions.push(Prisma.sql`p.repository_id = ${repositoryId}::uuid`);
  if (target === '') conditions.push(Prisma.sql`p.target IS NULL`);
  else if (target !== undefined) conditions.push(Prisma.sql`p.target = ${target}`);
  if (realm !== undefined) conditions.push(Prisma.sql`p.realm = ${realm}`);
  for (const name of [filter.package, filter.name]) {
    if (name !== undefined) conditions.push(Prisma.sql`p.name = ${name}`);
  }
  if (path !== undefined) conditions.push(Prisma.sql`p.path = ${path}`);
  if (q !== undefined) conditions.push(containsSql(Prisma.sql`p.path`, q));
  return conditions;
}
