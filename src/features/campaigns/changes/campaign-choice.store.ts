import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/database.js';
import { Prisma } from '../../../database/generated/client.js';

/** What campaigns ask of packages when they choose. */
@Injectable()
export class CampaignChoiceStore {
  constructor(private readonly database: Database) {}

  /** The drafts and proposals of these packages. */
  async openOf(packageIds: readonly string[]): Promise<string[]> {
    return this.ids(packageIds, Prisma.sql`r.lifecycle IN ('draft', 'proposed')`);
  }

  /** Their publications, the oldest first. */
  async publishedOf(packageIds: readonly string[]): Promise<string[]> {
    return this.ids(packageIds, Prisma.sql`r.lifecycle IN ('published', 'deletionProposed')`);
  }

  /** By the ids of publications, the version of the same package before each; none where there is none. */
  async versionsBefore(ids: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.database.readByKey<{ id: string; before: string }>(Prisma.sql`
      SELECT r.id, b.id AS before FROM package_revision r CROSS JOIN LATERAL (
        SELECT l.id FROM package_revision l
        WHERE l.package_id = r.package_id AND l.lifecycle IN ('published', 'deletionProposed')
        AND l.version_key COLLATE "C" < r.version_key COLLATE "C"
        ORDER BY l.version_key COLLATE "C" DESC LIMIT 1
      ) b WHERE r.id = ANY(${[...ids]}::uuid[])`);
    return new Map(rows.map(({ id, before }) => [id, before]));
  }

  /** The repository of a variant set; null: there is no such set. */
  async repositoryOfSet(variantSetId: string): Promise<string | null> {
    const [row] = await this.database.readByKey<{ repositoryId: string }>(Prisma.sql`
      SELECT s.repository_id AS "repositoryId" FROM variant_set s WHERE s.id = ${variantSetId}::uuid`);
    return row?.repositoryId ?? null;
  }

  /** The packages of its members, but for those of which nothing is wanted any more. */
  async packagesOfSet(variantSetId: string): Promise<string[]> {
    const rows = await this.database.readByKey<{ id: string }>(Prisma.sql`
      SELECT v.package_id AS id FROM variant v
      WHERE v.set_id = ${variantSetId}::uuid AND NOT v.retired AND v.package_id IS NOT NULL`);
    return rows.map(({ id }) => id);
  }

  private async ids(packageIds: readonly string[], condition: Prisma.Sql): Promise<string[]> {
    const rows = await this.database.readByKey<{ id: string }>(Prisma.sql`
      SELECT r.id FROM package_revision r
      WHERE r.package_id = ANY(${[...packageIds]}::uuid[]) AND ${condition} ORDER BY r.id`);
    return rows.map(({ id }) => id);
  }
}
