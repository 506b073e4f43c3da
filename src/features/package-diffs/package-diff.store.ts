import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';

/** So many definitions are read at most. */
const MOST_DEFINITIONS = 20;

/** What comparisons ask the index beyond the revisions themselves. */
@Injectable()
export class PackageDiffStore {
  constructor(private readonly database: Database) {}

  /** The id of the highest version of a package below one (null: of all); null where there is none. */
  async previousOf(packageId: string, versionKey: string | null): Promise<string | null> {
    const below = versionKey === null ? Prisma.sql`true` : Prisma.sql`r.version_key COLLATE "C" < ${versionKey}`;
    const [row] = await this.database.readByKey<{ id: string }>(Prisma.sql`
      SELECT r.id FROM package_revision r
      WHERE r.package_id = ${packageId}::uuid AND r.lifecycle IN ('published', 'deletionProposed')
      AND r.version_key IS NOT NULL AND ${below} ORDER BY r.version_key COLLATE "C" DESC LIMIT 1`);
    return row?.id ?? null;
  }

  /** The API groups of the objects in these trees. */
  async groupsIn(trees: readonly string[]): Promise<string[]> {
    const rows = await this.database.readByKey<{ group: string }>(Prisma.sql`
      SELECT DISTINCT split_part(o.api_version, '/', 1) AS "group"
      FROM package_file f JOIN krm_object o ON o.blob_oid = f.blob_oid
      WHERE f.tree_oid = ANY(${[...trees]}) AND position('/' in o.api_version) > 0`);
    return rows.map(({ group }) => group);
  }

  /** The blobs with definitions for these API groups in the latest publications that the caller may see, the newest first. */
  async definitionsOf(groups: readonly string[], visible: Visibility): Promise<string[]> {
    const patterns = groups.map((group) => `%.${group.replaceAll(/[\\%_]/g, String.raw`\$&`)}`);
    const rows = await this.database.read<{ oid: string }>(Prisma.sql`
      SELECT o.blob_oid AS oid FROM krm_object o
      JOIN package_file f ON f.blob_oid = o.blob_oid JOIN package_revision r ON r.tree = f.tree_oid
      WHERE o.kind = 'CustomResourceDefinition' AND o.name LIKE ANY(${patterns}) AND r.latest
      AND ${visibleSql(visible, 'r') ?? Prisma.sql`true`}
      GROUP BY o.blob_oid ORDER BY max(r.published_at) DESC NULLS LAST, o.blob_oid LIMIT ${MOST_DEFINITIONS}`);
    return rows.map(({ oid }) => oid);
  }
}
