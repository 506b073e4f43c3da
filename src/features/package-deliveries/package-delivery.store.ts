import { Injectable } from '@nestjs/common';
import { selectFields } from '../../database/columns.js';
import { Database } from '../../database/database.js';
import { type PackageDelivery, Prisma } from '../../database/generated/client.js';
import type { DeliveredContent } from '../../domain/delivery.js';

/** What is there of a package: the published revision with this content, while it is there. */
export type StoredContent = DeliveredContent & { revisionId: string | null };

const PUBLISHED = Prisma.sql`v.lifecycle IN ('published', 'deletionProposed')`;
const HIGHEST = Prisma.sql`ORDER BY v.version_key COLLATE "C" DESC NULLS LAST, v.id LIMIT 1`;
const { revisionId: _mayBeGone, ...FIELDS } = Prisma.PackageDeliveryScalarFieldEnum;

/** The last report about each package. */
@Injectable()
export class PackageDeliveryStore {
  constructor(private readonly database: Database) {}

  /** Nobody else reports of the package until the transaction ends, and the package stays; false: it is gone. */
  async lock(packageId: string): Promise<boolean> {
    await this.database.lockName(`delivery of ${packageId}`);
    const rows = await this.database.client.$queryRaw<object[]>`
      SELECT 1 FROM package WHERE id = ${packageId}::uuid FOR KEY SHARE`;
    return rows.length > 0;
  }

  async find(packageId: string): Promise<PackageDelivery | null> {
    const [row] = await this.database.readByKey<PackageDelivery>(Prisma.sql`
      SELECT ${selectFields(Object.values(FIELDS), 'd')}, v.id AS "revisionId"
      FROM package_delivery d LEFT JOIN package_revision v ON v.id = d.revision_id WHERE d.package_id = ${packageId}::uuid`);
    return row ?? null;
  }

  async put(data: PackageDelivery): Promise<void> {
    const { packageId } = data;
    await this.database.client.packageDelivery.upsert({ where: { packageId }, create: data, update: data });
  }

  /** A publication of the package by its revision; null: it has none of this. */
  async publication(packageId: string, revision: string): Promise<StoredContent | null> {
    const [row] = await this.database.readByKey<StoredContent>(Prisma.sql`
      SELECT v.id AS "revisionId", v.revision, v.commit FROM package_revision v
      WHERE v.package_id = ${packageId}::uuid AND v.revision = ${revision} AND ${PUBLISHED}`);
    return row ?? null;
  }

  /**
   * What a commit holds of a package: that of a publication, or one of the line of the repository's ref. `unknown`: it is not
   * known to be of the repository; null: it holds nothing of the package.
   */
  async contentOf(packageId: string, commit: string): Promise<StoredContent | 'unknown' | null> {
    const [row] = await this.database.readByKey<StoredContent & { known: boolean; tree: string | null }>(Prisma.sql`
      SELECT ${commit} AS commit, x.known, x.tree, COALESCE(t.id, v.id) AS "revisionId", COALESCE(t.revision, v.revision) AS revision
      FROM package p JOIN repository s ON s.id = p.repository_id
        LEFT JOIN LATERAL (
          SELECT v.id, v.revision, v.tree FROM package_revision v
          WHERE v.package_id = p.id AND v.commit = ${commit} AND ${PUBLISHED} ${HIGHEST}
        ) t ON true
        LEFT JOIN ref_commit c ON c.repository_id = p.repository_id AND c.oid = ${commit} AND c.lost_at IS NULL
        LEFT JOIN ref_history h ON h.repository_id = p.repository_id AND h.tip = s.commit
        LEFT JOIN LATERAL (
          SELECT k.position, k.tree_after AS tree FROM package_commit k JOIN ref_commit l ON l.repository_id = k.repository_id AND l.oid = k.oid
          WHERE k.repository_id = p.repository_id AND k.path = p.path AND k.position <= c.position AND l.lost_at IS NULL
          ORDER BY k.position DESC LIMIT 1
        ) before ON true
        LEFT JOIN LATERAL (
          SELECT k.position, k.tree_before AS tree FROM package_commit k JOIN ref_commit l ON l.repository_id = k.repository_id AND l.oid = k.oid
          WHERE k.repository_id = p.repository_id AND k.path = p.path AND k.position > c.position AND l.lost_at IS NULL
          ORDER BY k.position LIMIT 1
        ) after ON true
        CROSS JOIN LATERAL (
          SELECT t.id IS NOT NULL OR s.commit = ${commit} OR c.oid IS NOT NULL AS known, CASE
            WHEN t.id IS NOT NULL THEN t.tree WHEN s.commit = ${commit} THEN p.head_tree
            WHEN before.position IS NOT NULL THEN before.tree WHEN after.position IS NOT NULL THEN after.tree
            -- No commit that is known has changed it.
            WHEN h.tip IS NOT NULL THEN p.head_tree END AS tree
        ) x
        LEFT JOIN LATERAL (
          SELECT v.id, v.revision FROM package_revision v WHERE v.package_id = p.id AND v.tree = x.tree AND ${PUBLISHED} ${HIGHEST}
        ) v ON true
      WHERE p.id = ${packageId}::uuid`);
    if (!row?.known) return 'unknown';
    const { revisionId, revision } = row;
    return row.tree === null ? null : { commit, revisionId, revision };
  }
}
