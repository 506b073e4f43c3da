import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';

/** A package of a registered repository, with what its tags and its branch hold. */
export interface KnownPlace {
  repositoryId: string;
  path: string;
  /** Of the published revision; null for the head. */
  revisionId: string | null;
  packageId: string;
}

/** What the index knows of places in Git. */
@Injectable()
export class GitPlaceStore {
  constructor(private readonly database: Database) {}

  /**
   * The published revisions that one of these tags names and, behind them, the heads of this branch, of the package in
   * that directory; in the order of the tags.
   */
  async knownAt(
    urlKey: string,
    directory: string,
    { tags, branch }: { tags: readonly string[]; branch: string | null },
  ): Promise<KnownPlace[]> {
    return this.database.readByKey<KnownPlace>(Prisma.sql`
      SELECT p.repository_id AS "repositoryId", p.path, p.id AS "packageId", r.id AS "revisionId"
      FROM repository s JOIN package p ON p.repository_id = s.id
        AND concat_ws('/', NULLIF(s.directory, ''), NULLIF(p.path, '')) = ${directory}
      LEFT JOIN package_revision r ON r.package_id = p.id AND r.lifecycle IN ('published', 'deletionProposed')
        AND r.tag = ANY(${[...tags]}::text[])
      WHERE s.url_key = ${urlKey} AND s.commit IS NOT NULL
        AND (r.id IS NOT NULL OR s.ref = ${branch} AND p.head_tree IS NOT NULL)
      ORDER BY array_position(${[...tags]}::text[], r.tag), r.id, p.id`);
  }
}
