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

/** Whether there is any variant or set. */
export const ARE_ANY = Prisma.sql`(EXISTS (SELECT 1 FROM variant) OR EXISTS (SELECT 1 FROM variant_set))`;

const IS_DUE = Prisma.sql`due_at <= now()`;

/** Something is due that no operation is there for: its time has come, or a worker has ended before it was done. */
export const IS_LEFT = Prisma.sql`(EXISTS (SELECT 1 FROM variant WHERE ${IS_DUE}) OR EXISTS (SELECT 1 FROM variant_set WHERE ${IS_DUE}))
  AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.kind = 'variants' AND o.state IN ('queued', 'running'))`;

/** The statements by which events reach variants. */
@Injectable()
export class VariantWatchStore {
  constructor(private readonly database: Database) {}

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

  async isLeft(): Promise<boolean> {
    const [row] = await this.database.readByKey<{ isLeft: boolean }>(Prisma.sql`SELECT ${IS_LEFT} AS "isLeft"`);
    return row?.isLeft ?? false;
  }
}
