import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/database.js';
import { Prisma } from '../../../database/generated/client.js';
import type { PlacedPackage } from '../../dependencies/dependency.sql.js';

/** A package of a plan, with the content that is looked at. */
export type PlannedPackage = PlacedPackage & { wave: number };

/** The statements that read the packages of a plan, of which its order is made. */
@Injectable()
export class PlanOrderStore {
  constructor(private readonly database: Database) {}

  /** Those of these packages with which a campaign has not failed. */
  async going(campaignId: string, packageIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.readByKey<{ id: string }>(Prisma.sql`
      SELECT i.package_id AS id FROM campaign_item i WHERE i.campaign_id = ${campaignId}::uuid
      AND i.package_id = ANY(${[...packageIds]}::uuid[])
      AND i.state IN ('planned', 'proposed', 'publishing', 'published', 'done')`);
    return new Set(rows.map(({ id }) => id));
  }

  /** The packages to which something would be done, as they would be then, or, `asIs`, as they are. */
  async packages(campaignId: string, asIs: boolean): Promise<PlannedPackage[]> {
    const tree = asIs ? Prisma.sql`i.tree` : Prisma.sql`coalesce(i.result_tree, i.tree)`;
    return this.database.readByKey<PlannedPackage>(Prisma.sql`
      SELECT p.id, p.repository_id AS "repositoryId", s.name AS repository, p.path, p.target, p.name AS package,
        ${tree} AS tree, i.revision, NULL AS "upstreamPackageId", NULL AS upstream, i.wave
      FROM campaign_item i JOIN package p ON p.id = i.package_id JOIN repository s ON s.id = p.repository_id
      WHERE i.campaign_id = ${campaignId}::uuid AND i.state IN ('planned', 'conflicted') ORDER BY i.position`);
  }
}
