import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { insertRows } from '../database/insert-rows.js';
import type { Repository } from '../database/generated/client.js';
import { packageIdentity } from '../domain/identity.js';
import { uuidv7 } from '../domain/uuid.js';

/** Package rows and what is derived over a package's revisions. Runs inside the caller's transaction. */
@Injectable()
export class PackageRows {
  constructor(private readonly database: Database) {}

  /** Makes the rows of these paths where they are missing. */
  async ensure(repository: Repository, paths: Iterable<string>): Promise<void> {
    const now = new Date();
    const created = [...new Set(paths)].map((path) => {
      const { target, realm, package: name } = packageIdentity(path, repository);
      return { id: uuidv7(), repositoryId: repository.id, path, target, realm, name, createdAt: now, updatedAt: now };
    });
    await insertRows(this.database, 'package', created);
  }

  async setHeads(repositoryId: string, heads: readonly { path: string; tree: string | null }[]): Promise<void> {
    if (heads.length === 0) return;
    await this.database.client.$executeRaw`
      UPDATE package p SET head_tree = h.tree, updated_at = now()
      FROM unnest(${heads.map((head) => head.path)}::text[], ${heads.map((head) => head.tree)}::text[]) AS h(path, tree)
      WHERE p.repository_id = ${repositoryId}::uuid AND p.path = h.path AND p.head_tree IS DISTINCT FROM h.tree`;
  }

  /** Remembers the highest revision numbers; they never go down. */
  async raiseNumbers(repositoryId: string, numbers: ReadonlyMap<string, number>): Promise<void> {
    if (numbers.size === 0) return;
    await this.database.client.$executeRaw`
      INSERT INTO revision_counter (repository_id, path, highest)
      SELECT ${repositoryId}::uuid, n.path, n.highest
      FROM unnest(${[...numbers.keys()]}::text[], ${[...numbers.values()]}::int[]) AS n(path, highest)
      ON CONFLICT (repository_id, path) DO UPDATE SET highest = excluded.highest
      WHERE revision_counter.highest < excluded.highest`;
  }

  async highestNumber(repositoryId: string, path: string): Promise<number> {
    const row = await this.database.client.revisionCounter.findUnique({
      where: { repositoryId_path: { repositoryId, path } },
    });
    return row?.highest ?? 0;
  }

  /** `latest` = the highest published version; and packages that neither have a head nor a revision are gone. */
  async refresh(packageIds: readonly string[]): Promise<void> {
    if (packageIds.length === 0) return;
    await this.database.client.$executeRaw`
      WITH top AS (
        SELECT DISTINCT ON (v.package_id) v.id FROM package_revision v
        WHERE v.package_id = ANY(${packageIds}::uuid[]) AND v.version_key IS NOT NULL
        AND v.lifecycle IN ('published', 'deletionProposed')
        ORDER BY v.package_id, v.version_key COLLATE "C" DESC, v.revision DESC
      )
      UPDATE package_revision r SET latest = NOT r.latest
      WHERE r.package_id = ANY(${packageIds}::uuid[]) AND r.latest <> (r.id IN (SELECT id FROM top))`;
    // Locked first, looked at afterwards: a creation that holds the row must not lose its draft to the cascade.
    await this.database.client.$executeRaw`
      SELECT 1 FROM package WHERE id = ANY(${packageIds}::uuid[]) AND head_tree IS NULL ORDER BY id FOR UPDATE`;
    await this.database.client.$executeRaw`
      DELETE FROM package p WHERE p.id = ANY(${packageIds}::uuid[]) AND p.head_tree IS NULL
      AND NOT EXISTS (SELECT 1 FROM package_revision r WHERE r.package_id = p.id)`;
  }
}
