import { Injectable } from '@nestjs/common';
import { selectFields } from '../database/columns.js';
import { Database } from '../database/database.js';
import { type Package, Prisma, type Repository } from '../database/generated/client.js';
import { insertRows } from '../database/insert-rows.js';
import { EventLog } from '../events/event-log.js';
import type { PackageFacts } from '../events/event-data.js';
import { type PackageIdentity, packageIdentity, type PackagePlace } from '../domain/identity.js';
import { uuidv7 } from '../domain/uuid.js';
import { Targets } from './targets.js';
import { Upstreams } from './upstreams/upstreams.js';
import { DriftLog } from './drift/drift-log.js';

type StringMap = Record<string, string>;

const TOLD = { id: true, repositoryId: true, path: true, headTree: true } as const;
type ToldPackage = Pick<Package, keyof typeof TOLD>;

/** The only writer of packages' rows. Runs inside the caller's transaction. */
@Injectable()
export class Packages {
  constructor(
    private readonly database: Database,
    private readonly events: EventLog,
    private readonly drift: DriftLog,
    private readonly upstreams: Upstreams,
    private readonly targets: Targets,
  ) {}

  /** Inserts the rows of these paths where they are missing. */
  async ensure(repository: Repository, paths: Iterable<string>): Promise<void> {
    const rows = [...new Set(paths)].map((path) => newPackage(repository.id, packageIdentity(path, repository)));
    const count = await insertRows(this.database, 'package', rows);
    if (count === 0) return;
    const ids = rows.map(({ id }) => id);
    const added =
      count === rows.length ? rows : await this.database.client.package.findMany({ where: { id: { in: ids } } });
    await this.tell('appeared', added);
    await this.targets.named(added.map(({ target }) => target));
    await this.upstreams.changed(added.map(({ id }) => id));
  }

  /** The package's row, inserted where it is missing, and locked until the transaction ends. */
  async claim(repositoryId: string, identity: PackageIdentity): Promise<Package> {
    const { id, path, target, realm, name, createdAt, updatedAt } = newPackage(repositoryId, identity);
    const [row] = await this.database.client.$queryRaw<Package[]>`
      INSERT INTO package AS p (id, repository_id, path, target, realm, name, created_at, updated_at)
      VALUES (${id}::uuid, ${repositoryId}::uuid, ${path}, ${target}, ${realm}, ${name}, ${createdAt}, ${updatedAt})
      ON CONFLICT (repository_id, path) DO UPDATE SET updated_at = excluded.updated_at
      RETURNING ${selectFields(Object.values(Prisma.PackageScalarFieldEnum), 'p')}`;
    if (!row) throw new Error(`No row for package "${identity.path}"`);
    if (row.id === id) {
      await this.tell('appeared', [row]);
      await this.targets.named([target]);
    }
    return row;
  }

  /** The row stays as it is until the transaction ends. */
  async lock(id: string): Promise<void> {
    await this.database.client.$executeRaw`SELECT 1 FROM package WHERE id = ${id}::uuid FOR UPDATE`;
  }

  /** What people say of a package: no sync changes it. */
  async label(
    id: string,
    metadata: { labels: StringMap; annotations: StringMap },
    changed: ('labels' | 'annotations')[],
  ): Promise<void> {
    const row = await this.database.client.package.update({
      where: { id },
      data: { ...metadata, updatedAt: new Date() },
      select: TOLD,
    });
    await this.tell('changed', [row], changed);
  }

  /** Notes what the repository's ref holds of each package now; null: nothing. Deletes those of which nothing is left. */
  async setHeads(repositoryId: string, heads: readonly { path: string; tree: string | null }[]): Promise<void> {
    if (heads.length === 0) return;
    const changed = await this.database.client.$queryRaw<ToldPackage[]>`
      UPDATE package p SET head_tree = h.tree, head_changed_at = now(), updated_at = GREATEST(p.created_at, now())
      FROM unnest(${heads.map((head) => head.path)}::text[], ${heads.map((head) => head.tree)}::text[]) AS h(path, tree)
      WHERE p.repository_id = ${repositoryId}::uuid AND p.path = h.path AND p.head_tree IS DISTINCT FROM h.tree
      RETURNING ${selectFields(Object.keys(TOLD), 'p')}`;
    await this.tell('changed', changed, ['headTree']);
    await this.drift.changed(changed);
    const packageIds = changed.map(({ id }) => id);
    await this.judgeHeads(packageIds);
    await this.deleteEmpty(packageIds);
  }

  /**
   * Brings what is derived over a package's revisions up to date: `latest` is the highest published version (a
   * pre-release only where there is no release), the package is made from what that is made from, the state of the head
   * follows from what is published, and a package that
   * has neither a head nor a revision is deleted.
   */
  async refresh(packageIds: readonly string[]): Promise<void> {
    if (packageIds.length === 0) return;
    await this.database.client.$executeRaw`
      WITH top AS (
        SELECT DISTINCT ON (v.package_id) v.id FROM package_revision v
        WHERE v.package_id = ANY(${packageIds}::uuid[]) AND v.version_key IS NOT NULL
        AND v.lifecycle IN ('published', 'deletionProposed')
        -- The key of a release ends with ~
        ORDER BY v.package_id, right(v.version_key, 1) = '~' DESC, v.version_key COLLATE "C" DESC, v.revision DESC
      )
      UPDATE package_revision r SET latest = NOT r.latest
      WHERE r.package_id = ANY(${packageIds}::uuid[]) AND r.latest <> (r.id IN (SELECT id FROM top))`;
    await this.judgeHeads(packageIds);
    await this.deleteEmpty(packageIds);
  }

  /** Compares heads with what is published: of several revisions with the head's content, the latest is named. */
  private async judgeHeads(packageIds: readonly string[]): Promise<void> {
    if (packageIds.length === 0) return;
    const changed = await this.database.client.$queryRaw<PackagePlace[]>`
      UPDATE package p SET head_state = s.state, head_revision_id = s.revision_id, upstream_id = s.upstream_id
      FROM (
        SELECT q.id, m.id AS revision_id, (
          SELECT r.upstream_id FROM package_revision r WHERE r.package_id = q.id AND r.latest LIMIT 1
        ) AS upstream_id, (CASE
          WHEN q.head_tree IS NULL THEN 'absent' WHEN m.id IS NOT NULL THEN 'published'
          WHEN EXISTS (SELECT 1 FROM package_revision r WHERE r.package_id = q.id AND r.lifecycle IN ('published', 'deletionProposed'))
          THEN 'differs' ELSE 'unpublished' END)::"HeadState" AS state
        FROM package q LEFT JOIN LATERAL (
          SELECT r.id FROM package_revision r
          WHERE r.package_id = q.id AND r.tree = q.head_tree AND r.lifecycle IN ('published', 'deletionProposed')
          ORDER BY r.latest DESC, r.version_key COLLATE "C" DESC NULLS LAST, r.id LIMIT 1
        ) m ON true
        WHERE q.id = ANY(${packageIds}::uuid[])
      ) s
      WHERE p.id = s.id AND p.id = ANY(${packageIds}::uuid[])
      AND (p.head_state, p.head_revision_id, p.upstream_id) IS DISTINCT FROM (s.state, s.revision_id, s.upstream_id)
      RETURNING p.repository_id AS "repositoryId", p.path`;
    await this.drift.changed(changed);
  }

  /** Deletes those of which nothing is left. */
  async deleteEmpty(packageIds: readonly string[]): Promise<void> {
    if (packageIds.length === 0) return;
    // A creation holds the row while it adds a draft: only once it is locked here is it known what there is.
    await this.database.client.$executeRaw`
      SELECT 1 FROM package WHERE id = ANY(${packageIds}::uuid[]) AND head_tree IS NULL ORDER BY id FOR UPDATE`;
    const gone = await this.database.client.$queryRaw<ToldPackage[]>`
      DELETE FROM package p WHERE p.id = ANY(${packageIds}::uuid[]) AND p.head_tree IS NULL
      AND NOT EXISTS (SELECT 1 FROM package_revision r WHERE r.package_id = p.id)
      RETURNING ${selectFields(Object.keys(TOLD), 'p')}`;
    await this.tell('disappeared', gone);
    await this.upstreams.changed(gone.map(({ id }) => id));
  }

  private async tell(
    what: 'appeared' | 'changed' | 'disappeared',
    packages: readonly ToldPackage[],
    changed?: string[],
  ): Promise<void> {
    await this.events.record(
      packages.map(({ id, repositoryId, path, headTree }) => {
        const facts: PackageFacts = { id, repositoryId, path, headTree, ...(changed && { changed }) };
        return { type: `package.${what}`, repositoryId, path, facts } as const;
      }),
    );
  }
}

function newPackage(repositoryId: string, { path, target, realm, package: name }: PackageIdentity): Package {
  const now = new Date();
  const head = {
    headTree: null,
    headState: 'absent',
    headRevisionId: null,
    headChangedAt: null,
    driftState: 'none',
    upstreamId: null,
  } as const;
  const metadata = { labels: {}, annotations: {} };
  return {
    id: uuidv7(),
    repositoryId,
    path,
    target,
    realm,
    name,
    ...head,
    ...metadata,
    createdAt: now,
    updatedAt: now,
  };
}
