import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Repository } from '../../database/generated/client.js';
import { EventLog } from '../../events/event-log.js';
import { packageDirectory } from '../../domain/identity.js';
import { draftRefs } from './changed-refs.js';
import { DraftWriter } from './draft-writer.js';
import { ExternalPublications } from './external-publications.js';
import type { IndexChanges } from './index-changes.js';
import { DiscoveredPublications } from '../../revisions/discovered-publications.js';
import { ChangedTags } from '../../revisions/changed-tags.js';
import { Packages } from '../../revisions/packages.js';
import { RevisionNumbers } from '../../revisions/revision-numbers.js';
import { Upstreams } from '../../revisions/upstreams/upstreams.js';
import { SyncStore } from './sync.store.js';
import { TagWriter } from './tag-writer.js';

/** Writes what a sync found in one transaction: readers see the repository as it was before or as it is after. */
@Injectable()
export class IndexWriter {
  constructor(
    private readonly database: Database,
    private readonly packages: Packages,
    private readonly publications: DiscoveredPublications,
    private readonly numbers: RevisionNumbers,
    private readonly tags: TagWriter,
    private readonly changedTags: ChangedTags,
    private readonly drafts: DraftWriter,
    private readonly store: SyncStore,
    private readonly external: ExternalPublications,
    private readonly events: EventLog,
    private readonly upstreams: Upstreams,
  ) {}

  /** Returns false when branches have to be read again because the revision that they belonged to is gone. */
  async write(repository: Repository, changes: IndexChanges): Promise<boolean> {
    const apply = () => this.apply(repository, changes);
    // A catalog can have thousands of revisions: the first reading is told as a whole.
    if (!(await this.store.isFirstReading(repository.id))) return apply();
    await this.upstreams.repositoryChanged(repository);
    return this.events.summarized(apply);
  }

  private async apply(repository: Repository, changes: IndexChanges): Promise<boolean> {
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
    const revisions = await this.publications.known(owners.map((owner) => owner.id));

    const external = await this.tags.write(repository, byPath, revisions, changes.tags, changes.drafts);
    const uncovered = await this.drafts.write(repository, byPath, revisions, changes.drafts);
    // A branch that stood beside a tag is a draft again once the tag is gone.
    for (const gone of changes.goneTags) {
      const packageId = byPath.get(gone.path)?.id;
      const known = packageId ? (revisions.get(packageId) ?? []) : [];
      const workspace = packageId ? await this.changedTags.lose(packageId, gone, known) : null;
      if (workspace === null) continue;
      uncovered.push(...draftRefs(packageDirectory(repository.directory, gone.path), workspace));
    }
    for (const proposal of changes.deletionProposals) {
      const packageId = byPath.get(proposal.path)?.id;
      if (packageId) await this.publications.followDeletionProposal(packageId, proposal);
    }
    await this.packages.setHeads(repository.id, changes.heads);
    await this.numbers.raise(repository.id, changes.numbers);
    const packageIds = owners.map((owner) => owner.id);
    await this.packages.refresh(packageIds);
    await this.publications.linkUpstreams(packageIds);
    await this.external.record(repository.id, external);
    await this.store.saveRefs(repository.id, changes.refs);
    return !(await this.store.forgetRefs(repository.id, uncovered));
  }
}
