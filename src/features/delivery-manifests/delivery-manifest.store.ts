import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';

/** Where a package is in Git: on the ref, and as it was published last. */
export interface DeliverableRow {
  id: string;
  path: string;
  target: string | null;
  repository: string;
  url: string;
  /** Of the repository. */
  directory: string;
  /** Empty: not known yet. */
  ref: string;
  hasCredential: boolean;
  hasHead: boolean;
  tag: string | null;
}

const SELECT = Prisma.sql`
  SELECT p.id, p.path, p.target, s.name AS repository, s.url, s.directory, s.ref, s.credential_id IS NOT NULL AS "hasCredential",
    p.head_tree IS NOT NULL AS "hasHead", l.tag
  FROM package p
    JOIN repository s ON s.id = p.repository_id
    LEFT JOIN LATERAL (SELECT r.tag FROM package_revision r WHERE r.package_id = p.id AND r.latest LIMIT 1) l ON true`;

/** Reads what can be delivered. */
@Injectable()
export class DeliveryManifestStore {
  constructor(private readonly database: Database) {}

  async find(packageId: string): Promise<DeliverableRow | null> {
    const [row] = await this.database.readByKey<DeliverableRow>(Prisma.sql`${SELECT} WHERE p.id = ${packageId}::uuid`);
    return row ?? null;
  }

  /** What the ref of a repository holds, or what is published in it, by path; `target` empty: what has none. */
  async inRepository(
    { repositoryId, target, track }: { repositoryId: string; target: string | undefined; track: 'tag' | 'ref' },
    visible: Visibility,
    limit: number,
  ): Promise<DeliverableRow[]> {
    const conditions = [
      Prisma.sql`p.repository_id = ${repositoryId}::uuid`,
      track === 'ref' ? Prisma.sql`p.head_tree IS NOT NULL` : Prisma.sql`l.tag IS NOT NULL`,
      ...(target === undefined
        ? []
        : [target === '' ? Prisma.sql`p.target IS NULL` : Prisma.sql`p.target = ${target}`]),
      ...[visibleSql(visible, 'p') ?? []].flat(),
    ];
    return this.database.read<DeliverableRow>(
      Prisma.sql`${SELECT} WHERE ${Prisma.join(conditions, ' AND ')} ORDER BY p.path COLLATE "C" LIMIT ${limit}`,
    );
  }
}
