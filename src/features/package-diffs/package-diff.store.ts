import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { selectFields } from '../../database/columns.js';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { differingSql } from '../../content/differing.sql.js';
import type { RevisionRow } from '../../revisions/revision-row.js';

/** So many definitions are read at most. */
const MOST_DEFINITIONS = 20;

/** What a comparison needs to know of a revision: a request reads no more. */
export type SideRow = Pick<RevisionRow, keyof typeof COLUMNS>;

const COLUMNS = {
  ...{ id: 1, packageId: 1, repositoryId: 1, repositoryName: 1, path: 1, name: 1, revision: 1, workspace: 1 },
  ...{ lifecycle: 1, versionKey: 1, tree: 1, baseTree: 1, baseRevision: 1, upstreamRevisionId: 1 },
} as const;

const SELECT = Prisma.sql`SELECT ${selectFields(Object.keys(COLUMNS), 'r')} FROM package_revision r`;

/** What comparisons ask the index. */
@Injectable()
export class PackageDiffStore {
  constructor(private readonly database: Database) {}

  /** Those of these revisions that are there. */
  async find(ids: readonly string[]): Promise<SideRow[]> {
    return this.database.readByKey<SideRow>(Prisma.sql`${SELECT} WHERE r.id = ANY(${[...ids]}::uuid[])`);
  }

  /** The highest published version of a package. */
  async latestOf(packageId: string): Promise<SideRow | null> {
    const rows = await this.database.readByKey<SideRow>(
      Prisma.sql`${SELECT} WHERE r.package_id = ${packageId}::uuid AND r.latest`,
    );
    return rows[0] ?? null;
  }

  /** The highest version of a package below one (null: of all). */
  async previousOf(packageId: string, versionKey: string | null): Promise<SideRow | null> {
    const below = versionKey === null ? Prisma.sql`true` : Prisma.sql`r.version_key COLLATE "C" < ${versionKey}`;
    const rows = await this.database.readByKey<SideRow>(Prisma.sql`${SELECT}
      WHERE r.package_id = ${packageId}::uuid AND r.lifecycle IN ('published', 'deletionProposed')
      AND r.version_key IS NOT NULL AND ${below} ORDER BY r.version_key COLLATE "C" DESC LIMIT 1`);
    return rows[0] ?? null;
  }

  /** What the repository's ref holds of a package; null: nothing. */
  async headOf(packageId: string): Promise<string | null> {
    const rows = await this.database.readByKey<{ tree: string | null }>(
      Prisma.sql`SELECT p.head_tree AS tree FROM package p WHERE p.id = ${packageId}::uuid`,
    );
    return rows[0]?.tree ?? null;
  }

  /** The API groups of the objects in these trees. */
  async groupsIn(trees: readonly string[]): Promise<string[]> {
    const rows = await this.database.readByKey<{ group: string }>(Prisma.sql`
      SELECT DISTINCT split_part(o.api_version, '/', 1) AS "group"
      FROM package_file f JOIN krm_object o ON o.blob_oid = f.blob_oid
      WHERE f.tree_oid = ANY(${[...trees]}) AND position('/' in o.api_version) > 0`);
    return rows.map(({ group }) => group);
  }

  /** The API groups of the objects in files that differ between two trees. */
  async groupsThatDiffer(from: string | null, to: string | null): Promise<string[]> {
    const rows = await this.database.read<{ group: string }>(Prisma.sql`
      SELECT DISTINCT split_part(o.api_version, '/', 1) AS "group"
      FROM (${differingSql(from, to)}) f JOIN krm_object o ON o.blob_oid = f.blob_oid
      WHERE position('/' in o.api_version) > 0`);
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
