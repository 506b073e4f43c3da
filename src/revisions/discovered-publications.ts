import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { type Package, type PackageRevision, Prisma, type Repository } from '../database/generated/client.js';
import { batchesOf } from '../domain/batches.js';
import { isPublished, type Lifecycle } from '../domain/lifecycle.js';
import { shortRef } from '../domain/ref-layout.js';
import type { TagFacts } from './git-facts.js';
import { newRevision } from './new-revision.js';
import { published } from './published.js';
import { REVISION_STATE } from './revision-change.js';
import { RevisionWriter } from './revision-writer.js';

/** The columns of a revision that a sync compares with what Git says. */
const KNOWN_REVISION = {
  ...REVISION_STATE,
  pushedTree: true,
  external: true,
  upstream: true,
  conditions: true,
  updatedAt: true,
} as const;

export type KnownRevision = Pick<PackageRevision, keyof typeof KNOWN_REVISION>;

/** Published revisions as the remote's tags tell them. Runs inside the transaction of a sync. */
@Injectable()
export class DiscoveredPublications {
  constructor(
    private readonly database: Database,
    private readonly writer: RevisionWriter,
  ) {}

  /** All revisions of these packages, drafts included, by package. */
  async known(packageIds: readonly string[]): Promise<Map<string, KnownRevision[]>> {
    const found = new Map<string, KnownRevision[]>();
    for (const batch of batchesOf(packageIds, 1000)) {
      const rows = await this.database.client.packageRevision.findMany({
        where: { packageId: { in: batch } },
        select: KNOWN_REVISION,
      });
      for (const row of rows) {
        const siblings = found.get(row.packageId);
        if (siblings) siblings.push(row);
        else found.set(row.packageId, [row]);
      }
    }
    return found;
  }

  /** Inserts the rows of {@link discoveredRow}; returns how many had no name or number of another. */
  async insert(rows: readonly PackageRevision[]): Promise<number> {
    const own = rows.filter(({ external }) => !external);
    const others = rows.filter(({ external }) => external);
    return (await this.writer.insert('published', own)) + (await this.writer.insert('publicationFound', others));
  }

  /**
   * Makes a published revision of a draft that somebody has tagged, or that a worker of ours has, which ended before it could
   * say so. What checkers said of its content stays.
   */
  async adoptExternalTag(draft: KnownRevision, tag: TagFacts): Promise<void> {
    await this.writer.update(tag.external ? 'publishedExternally' : 'published', draft, publishedColumns(tag));
  }

  /**
   * Follows the branch that proposes a deletion. A change made here that still waits to be pushed goes before what the
   * remote says. Who proposed it there is unknown.
   */
  async followDeletionProposal(
    packageId: string,
    { revision, ref, present }: { revision: string; ref: string; present: boolean },
  ): Promise<void> {
    await this.database.client.$queryRaw`
      SELECT 1 FROM package_revision WHERE package_id = ${packageId}::uuid AND revision = ${revision} FOR UPDATE`;
    const row = await this.database.client.packageRevision.findFirst({ where: { packageId, revision } });
    const branch = present ? ref : null;
    if (row === null || !isPublished(row.lifecycle) || row.branch === branch) return;
    const lifecycle: Lifecycle = present ? 'deletionProposed' : 'published';
    if (row.lifecycle === lifecycle) {
      await this.writer.update('branchNoted', row, { branch, gitState: 'synced' });
    } else if (row.gitState === 'synced') {
      const kind = present ? 'deletionProposed' : 'deletionRejected';
      await this.writer.update(kind, row, { branch, lifecycle, proposedBy: null, deletionHead: null });
    } else {
      await this.writer.update('branchNoted', row, { branch });
    }
  }

  /**
   * Ties revisions of these packages to their upstreams, and those of others to these, by tag and commit. An upstream
   * whose tag another sync is moving is waited for.
   */
  async linkUpstreams(packageIds: readonly string[]): Promise<void> {
    if (packageIds.length === 0) return;
    await this.database.client.$executeRaw`
      WITH touched AS (SELECT id, tag, commit FROM package_revision WHERE package_id = ANY(${packageIds}::uuid[])),
      candidates AS (
        SELECT r.id, r.upstream, r.upstream_commit FROM package_revision r JOIN touched t ON t.id = r.id
        WHERE r.upstream_commit IS NOT NULL AND r.upstream_revision_id IS NULL
        UNION
        SELECT r.id, r.upstream, r.upstream_commit FROM touched t JOIN package_revision r ON r.upstream_commit = t.commit
        WHERE r.upstream_revision_id IS NULL
      )
      UPDATE package_revision r SET upstream_revision_id = found.id
      FROM candidates c CROSS JOIN LATERAL (
        SELECT u.id FROM package_revision u JOIN repository p ON p.id = u.repository_id
        WHERE u.tag = c.upstream ->> 'ref' AND u.commit = c.upstream_commit
        ORDER BY p.url = c.upstream ->> 'url' DESC, u.id LIMIT 1
        FOR SHARE OF u
      ) found
      WHERE r.id = c.id`;
  }
}

/** The row of a published revision that only Git has told of. */
export function discoveredRow(
  repository: Repository,
  owner: Package,
  tag: TagFacts,
  workspace: string,
): PackageRevision {
  const { tree, source, upstream, publishedAt: at, publishedBy: by } = tag;
  return {
    ...newRevision(repository, owner, { workspace, tree, source, upstream, at, by }),
    ...published({ ...tag, tag: shortRef(tag.ref) }),
    asFound: true,
  };
}

/** What a tag makes of a row that is there. What was decided here, and the glass that was broken, stay where the commit does not tell of them. */
export function publishedColumns(tag: TagFacts) {
  const facts = { ...tag, tag: shortRef(tag.ref) };
  const { lastDecision, breakGlass, proposedPolicy: _none, ...columns } = published(facts, new Date());
  return {
    ...columns,
    proposedPolicy: Prisma.DbNull,
    ...(lastDecision !== null && { lastDecision }),
    ...(breakGlass !== null && { breakGlass }),
  };
}
