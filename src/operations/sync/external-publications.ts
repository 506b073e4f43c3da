import { Injectable } from '@nestjs/common';
import { AuditLog, DISCOVERED, PUBLISHED_EXTERNALLY } from '../../audit/audit-log.js';
import type { Repository } from '../../database/generated/client.js';
import { revisionEtag } from '../../domain/revision-etag.js';
import { EventLog } from '../../events/event-log.js';
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
    private readonly events: EventLog,
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

  /** One event for all that the first reading has found; and one entry, unless all of it came through this service. */
  async recordFirst({ id: repositoryId, name }: Repository): Promise<void> {
    if (!(await this.store.isFirstReading(repositoryId))) return;
    const { packages, revisions, published, external } = await this.store.countFound(repositoryId);
    const facts = { id: repositoryId, name, packages, packageRevisions: revisions };
    await this.events.record([{ type: 'repository.discovered', repositoryId, path: null, facts }]);
    if (external === 0) return;
    const reason = `${published} published revisions were found; ${external} of them did not come through this service.`;
    const resource = { resourceType: 'Repository', resourceId: repositoryId, repositoryId };
    await this.log.record([{ action: DISCOVERED, ...resource, ...BY_NOBODY, reason }]);
  }
}
