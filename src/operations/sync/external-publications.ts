import { Injectable } from '@nestjs/common';
import { AuditLog, DISCOVERED, PUBLISHED_EXTERNALLY } from '../../audit/audit-log.js';
import { revisionEtag } from '../../domain/revision-etag.js';
import { PackageRevisionStore } from '../../revisions/package-revision.store.js';
import { SyncStore } from './sync.store.js';

/** Nobody is known to have done it: whom a tag names is not verified. */
const BY_NOBODY = { actor: null, tokenId: null, requestId: null, address: null };

/** Writes down what others have published by tags of their own. Runs inside the sync's transaction. */
@Injectable()
export class ExternalPublications {
  constructor(
    private readonly store: SyncStore,
    private readonly revisions: PackageRevisionStore,
    private readonly log: AuditLog,
  ) {}

  /** An entry for each of these revisions, but for those of a repository's first reading: a catalog can have thousands. */
  async record(repositoryId: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0 || (await this.store.isFirstReading(repositoryId))) return;
    const rows = await this.revisions.findAll(ids);
    await this.log.record(
      rows.map((row) => ({
        ...{ action: PUBLISHED_EXTERNALLY, resourceType: 'PackageRevision', resourceId: row.id, repositoryId },
        ...{ path: row.path, after: revisionEtag(row), ...BY_NOBODY },
        reason: `Tag ${row.tag ?? ''} by ${row.publishedBy ?? 'nobody'}, at commit ${row.commit ?? ''}`,
      })),
    );
  }

  /** One entry for all that the first reading has found; none where all of it came through this service. */
  async recordFirst(repositoryId: string): Promise<void> {
    if (!(await this.store.isFirstReading(repositoryId))) return;
    const { published, external } = await this.store.countPublished(repositoryId);
    if (external === 0) return;
    const reason = `${published} published revisions were found; ${external} of them did not come through this service.`;
    const resource = { resourceType: 'Repository', resourceId: repositoryId, repositoryId };
    await this.log.record([{ action: DISCOVERED, ...resource, ...BY_NOBODY, reason }]);
  }
}
