import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Repository } from '../../database/generated/client.js';
import { packageDirectory } from '../../domain/identity.js';
import { draftRefs } from './changed-refs.js';
import { DraftWriter } from './draft-writer.js';
import type { IndexChanges } from './index-changes.js';
import { KNOWN_REVISION, type KnownRevision } from '../../revisions/known-revision.js';
import { PackageRows } from '../../revisions/package-rows.js';
import { SyncStore } from './sync.store.js';
import { TagWriter } from './tag-writer.js';

/** Writes what a sync found. One transaction, so that readers see the repository before or after it, never between. */
@Injectable()
export class IndexWriter {
  constructor(
    private readonly database: Database,
    private readonly packages: PackageRows,
    private readonly tags: TagWriter,
    private readonly drafts: DraftWriter,
    private readonly store: SyncStore,
  ) {}

  /** False when there are refs that have to be read again, now that what they were beside is gone. */
  async write(repository: Repository, changes: IndexChanges): Promise<boolean> {
    const { client } = this.database;
    const living = [
      ...changes.tags.map((tag) => tag.path),
      ...changes.drafts.flatMap((draft) => (draft.remote ? [draft.path] : [])),
      ...changes.heads.flatMap((head) => (head.tree === null ? [] : [head.path])),
    ];
    await this.packages.ensure(repository, living);
    const touched = new Set([
      ...living,
      ...changes.goneTags.map((tag) => tag.path),
      ...changes.drafts.map((draft) => draft.path),
      ...changes.heads.map((head) => head.path),
      ...changes.deletionProposals.map((proposal) => proposal.path),
    ]);
    const owners = await client.package.findMany({
      where: { repositoryId: repository.id, path: { in: [...touched] } },
    });
    const byPath = new Map(owners.map((owner) => [owner.path, owner]));
    const revisions = await this.revisionsOf(owners.map((owner) => owner.id));

    await this.tags.write(repository, byPath, revisions, changes.tags);
    await this.drafts.write(repository, byPath, revisions, changes.drafts);
    // A branch left beside the tag is a draft again where the tag is gone.
    const uncovered: string[] = [];
    for (const gone of changes.goneTags) {
      const packageId = byPath.get(gone.path)?.id;
      const workspace = packageId ? await this.store.removePublished(packageId, gone.revision) : null;
      if (workspace === null) continue;
      uncovered.push(...draftRefs(packageDirectory(repository.directory, gone.path), workspace));
    }
    for (const proposal of changes.deletionProposals) {
      const packageId = byPath.get(proposal.path)?.id;
      if (packageId) await this.store.setDeletionProposed(packageId, proposal);
    }
    await this.packages.setHeads(repository.id, changes.heads);
    await this.packages.raiseNumbers(repository.id, changes.numbers);
    const packageIds = owners.map((owner) => owner.id);
    await this.packages.refresh(packageIds);
    await this.store.linkUpstreams(packageIds);
    await this.store.saveRefs(repository.id, changes.refs);
    return !(await this.store.forgetRefs(repository.id, uncovered));
  }

  private async revisionsOf(packageIds: readonly string[]): Promise<Map<string, KnownRevision[]>> {
    const found = new Map<string, KnownRevision[]>();
    for (let start = 0; start < packageIds.length; start += 1000) {
      const rows = await this.database.client.packageRevision.findMany({
        where: { packageId: { in: packageIds.slice(start, start + 1000) } },
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
}
