import { Injectable } from '@nestjs/common';
import { selectFields } from '../../database/columns.js';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import type { RevisionRow } from '../../revisions/revision-row.js';

/** A version of a package: who made it, what it comes from, and where its content is on the line of the ref. */
export type VersionRow = Pick<RevisionRow, keyof typeof COLUMNS> & {
  /** The author of its commit, as that has the name; null: it is not recorded. */
  author: string | null;
  /** Of its commit, or of the one that a draft was begun on; null: it is not recorded. */
  position: number | null;
};

const COLUMNS = {
  ...{ id: 1, packageId: 1, repositoryId: 1, repositoryName: 1, path: 1, revision: 1, lifecycle: 1, versionKey: 1 },
  ...{ tree: 1, commit: 1, baseRevision: 1, upstream: 1, upstreamRevisionId: 1, editors: 1, createdBy: 1 },
  ...{ publishedAt: 1, publishedBy: 1, external: 1, updatedAt: 1 },
} as const;

const SELECT = Prisma.sql`SELECT ${selectFields(Object.keys(COLUMNS), 'r')},
  CASE WHEN r.published_at IS NOT NULL THEN f.author END AS author, f.position`;
const WITH_COMMIT = Prisma.sql`LEFT JOIN ref_commit f ON f.repository_id = r.repository_id AND f.lost_at IS NULL
  AND f.oid = CASE WHEN r.published_at IS NULL THEN r.base_commit ELSE r.commit END`;

/** What a commit of the ref's line made of a package. */
export interface CommitRow {
  repositoryId: string;
  path: string;
  oid: string;
  position: number;
  committedAt: Date;
  author: string;
  treeAfter: string | null;
  /** Whether the index holds that tree. */
  known: boolean;
}

/** The versions of a package up to one. */
export interface Upto {
  packageId: string;
  /** Null: all of them. */
  versionKey: string | null;
}

/** What the blame of a field is found by. */
@Injectable()
export class PackageBlameStore {
  constructor(private readonly database: Database) {}

  /** Those of these revisions that are there. */
  async find(ids: readonly string[]): Promise<VersionRow[]> {
    return this.database.readByKey<VersionRow>(Prisma.sql`
      ${SELECT} FROM package_revision r ${WITH_COMMIT} WHERE r.id = ANY(${[...ids]}::uuid[])`);
  }

  /** The published versions up to these, of each package the highest ones. */
  async versions(upto: readonly Upto[], mostEach: number): Promise<VersionRow[]> {
    return this.database.readByKey<VersionRow>(Prisma.sql`
      ${SELECT} FROM unnest(
        ${upto.map(({ packageId }) => packageId)}::uuid[], ${upto.map(({ versionKey }) => versionKey)}::text[]
      ) AS p(id, key)
      CROSS JOIN LATERAL (
        SELECT * FROM package_revision v WHERE v.package_id = p.id AND v.lifecycle IN ('published', 'deletionProposed')
        AND v.version_key IS NOT NULL AND (p.key IS NULL OR v.version_key COLLATE "C" <= p.key)
        ORDER BY v.version_key COLLATE "C" DESC LIMIT ${mostEach}
      ) r ${WITH_COMMIT}`);
  }

  /** The commits of the refs that changed these packages, of each the newest ones. */
  async commits(places: readonly { repositoryId: string; path: string }[], mostEach: number): Promise<CommitRow[]> {
    return this.database.readByKey<CommitRow>(Prisma.sql`
      SELECT c.repository_id AS "repositoryId", c.path, c.oid, c.position, c.committed_at AS "committedAt", c.author,
        c.tree_after AS "treeAfter", t.oid IS NOT NULL AS known
      FROM unnest(
        ${places.map(({ repositoryId }) => repositoryId)}::uuid[], ${places.map(({ path }) => path)}::text[]
      ) AS p(id, path)
      CROSS JOIN LATERAL (
        SELECT k.*, f.author FROM package_commit k
        JOIN ref_commit f ON f.repository_id = k.repository_id AND f.oid = k.oid AND f.lost_at IS NULL
        WHERE k.repository_id = p.id AND k.path = p.path ORDER BY k.position DESC LIMIT ${mostEach}
      ) c LEFT JOIN package_tree t ON t.oid = c.tree_after AND t.unused_since IS NULL`);
  }
}
