import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { type PackageCommit, Prisma, type RefCommit, type RefHistory } from '../../database/generated/client.js';
import { insertRows } from '../../database/insert-rows.js';

/** Commits of a ref's line of first parents, with the directories that they changed. */
export interface RecordedCommits {
  commits: RefCommit[];
  changes: PackageCommit[];
}

/** The statements over what is recorded of refs' histories. */
@Injectable()
export class HistoryStore {
  constructor(private readonly database: Database) {}

  /** How far the history of a repository's ref is recorded; null: nothing is. */
  async progress(repositoryId: string): Promise<RefHistory | null> {
    return this.database.client.refHistory.findUnique({ where: { repositoryId } });
  }

  async save(progress: RefHistory): Promise<void> {
    const { repositoryId, ...rest } = progress;
    await this.database.client.refHistory.upsert({ where: { repositoryId }, create: progress, update: rest });
  }

  /** Where those of these commits are on the line that the ref holds; the others are left out. */
  async positions(repositoryId: string, oids: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.database.client.refCommit.findMany({
      where: { repositoryId, oid: { in: [...oids] }, lostAt: null },
      select: { oid: true, position: true },
    });
    return new Map(rows.map(({ oid, position }) => [oid, position]));
  }

  /** Marks what stands above a place of the line: the ref holds it no longer. */
  async lose(repositoryId: string, above: number): Promise<void> {
    await this.database.client.refCommit.updateMany({
      where: { repositoryId, position: { gt: above }, lostAt: null },
      data: { lostAt: new Date() },
    });
  }

  /** `replacing`: some of them may be recorded from an earlier line. */
  async add(repositoryId: string, { commits, changes }: RecordedCommits, replacing: boolean): Promise<void> {
    if (replacing) {
      const oid = { in: commits.map((commit) => commit.oid) };
      await this.database.client.refCommit.deleteMany({ where: { repositoryId, oid } });
    }
    await insertRows(this.database, 'ref_commit', commits);
    await insertRows(this.database, 'package_commit', changes);
  }

  /**
   * Lists trees of the repository's packages that the index does not hold: those that the newest `mostEach` commits of each package
   * have made. They come in the order of their OIDs, beyond `after`.
   */
  async treesToKeep(repositoryId: string, mostEach: number, after: string, limit: number): Promise<string[]> {
    const rows = await this.database.read<{ tree: string }>(Prisma.sql`
      SELECT DISTINCT k.tree_after AS tree FROM package p
      CROSS JOIN LATERAL (
        SELECT c.tree_after FROM package_commit c
        JOIN ref_commit f ON f.repository_id = c.repository_id AND f.oid = c.oid AND f.lost_at IS NULL
        WHERE c.repository_id = p.repository_id AND c.path = p.path ORDER BY c.position DESC LIMIT ${mostEach}
      ) k
      WHERE p.repository_id = ${repositoryId}::uuid AND k.tree_after COLLATE "C" > ${after}
      AND NOT EXISTS (SELECT 1 FROM package_tree t WHERE t.oid = k.tree_after AND t.unused_since IS NULL)
      ORDER BY 1 LIMIT ${limit}`);
    return rows.map(({ tree }) => tree);
  }

  /** Paths of all packages of the repository. */
  async paths(repositoryId: string): Promise<Set<string>> {
    const rows = await this.database.client.package.findMany({ where: { repositoryId }, select: { path: true } });
    return new Set(rows.map(({ path }) => path));
  }
}
