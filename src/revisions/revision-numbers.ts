import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';

/** The highest revision number that was ever given out or seen for a package's path. It outlives the package. */
@Injectable()
export class RevisionNumbers {
  constructor(private readonly database: Database) {}

  /** Highest numbers by path; paths without any are left out. */
  async highest(repositoryId: string, paths: readonly string[]): Promise<Map<string, bigint>> {
    const rows = await this.database.client.revisionCounter.findMany({
      where: { repositoryId, path: { in: [...new Set(paths)] } },
    });
    return new Map(rows.map(({ path, highest }) => [path, BigInt(highest.toFixed(0))]));
  }

  /** Remembers numbers by path; a lower one than the known leaves that. */
  async raise(repositoryId: string, numbers: ReadonlyMap<string, bigint>): Promise<void> {
    if (numbers.size === 0) return;
    await this.database.client.$executeRaw`
      INSERT INTO revision_counter (repository_id, path, highest)
      SELECT ${repositoryId}::uuid, n.path, n.highest::numeric
      FROM unnest(${[...numbers.keys()]}::text[], ${[...numbers.values()].map(String)}::text[]) AS n(path, highest)
      ON CONFLICT (repository_id, path) DO UPDATE SET highest = excluded.highest
      WHERE revision_counter.highest < excluded.highest`;
  }
}
