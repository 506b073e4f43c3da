import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/database.js';
import { Prisma } from '../../../database/generated/client.js';

/** What something has happened to. */
export interface Concerned {
  packageIds: string[];
  places: { repositoryId: string; path: string }[];
  repositoryIds: string[];
  /** By their names. */
  targets: string[];
}

const IS_DUE = Prisma.sql`due_at <= now()`;

/** The statements by which events reach variants. */
@Injectable()
export class VariantWatchStore {
  constructor(private readonly database: Database) {}

  /** Whether there are events that were not looked at, the last event of all, and whether there is any variant or set. */
  async look(): Promise<{ waits: boolean; last: number; areAny: boolean }> {
    const [row] = await this.database.readByKey<{ waits: boolean; last: number; areAny: boolean }>(Prisma.sql`
      SELECT n.last > c.position AS waits, n.last::float8 AS last,
        EXISTS (SELECT 1 FROM variant) OR EXISTS (SELECT 1 FROM variant_set) AS "areAny"
      FROM event_numbers n, variant_cursor c`);
    if (!row) throw new Error('The row of variant_cursor is missing');
    return row;
  }

  /** Up to which event variants were told; null: somebody else is at it. Held until the transaction ends. */
  async takeCursor(): Promise<number | null> {
    const [row] = await this.database.client.$queryRaw<{ position: number }[]>`
      SELECT position::float8 AS position FROM variant_cursor FOR UPDATE SKIP LOCKED`;
    return row?.position ?? null;
  }

  async moveCursor(position: number): Promise<void> {
    await this.database.write(Prisma.sql`UPDATE variant_cursor SET position = GREATEST(position, ${position}::bigint)`);
  }

  /** Makes variants and sets due. Whether there were any. */
  async wake({ packageIds, places, repositoryIds, targets }: Concerned): Promise<boolean> {
    const repositories = places.map(({ repositoryId }) => repositoryId);
    const paths = places.map(({ path }) => path);
    const variants = await this.database.write(Prisma.sql`
      UPDATE variant v SET due_at = now() WHERE v.id IN (
        SELECT w.id FROM variant w WHERE w.upstream_package_id = ANY(${packageIds}::uuid[])
        UNION SELECT w.id FROM unnest(${repositories}::uuid[], ${paths}::text[]) n(repository_id, path)
          JOIN variant w ON w.repository_id = n.repository_id AND w.path = n.path
        UNION SELECT w.id FROM variant w WHERE w.target = ANY(${targets})
        UNION SELECT w.id FROM variant w WHERE w.repository_id = ANY(${repositoryIds}::uuid[])
        UNION SELECT w.id FROM variant w LEFT JOIN package p ON p.id = w.upstream_package_id
          WHERE cardinality(${repositoryIds}::uuid[]) > 0 AND (p.id IS NULL OR p.repository_id = ANY(${repositoryIds}::uuid[])))`);
    // A label may select one, or none any more, in any set.
    const sets = await this.database.write(Prisma.sql`
      UPDATE variant_set SET due_at = now() WHERE cardinality(${targets}::text[]) > 0`);
    return variants + sets > 0;
  }

  /** Whether something is due that no operation is there for: its time has come, or a worker has ended before it was done. */
  async isLeft(): Promise<boolean> {
    const [row] = await this.database.readByKey<{ isLeft: boolean }>(Prisma.sql`
      SELECT (EXISTS (SELECT 1 FROM variant WHERE ${IS_DUE}) OR EXISTS (SELECT 1 FROM variant_set WHERE ${IS_DUE}))
        AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.kind = 'variants' AND o.state IN ('queued', 'running')) AS "isLeft"`);
    return row?.isLeft ?? false;
  }
}
