import { Injectable } from '@nestjs/common';
import { workspaceOf } from '../../../domain/campaign.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { AuthoringService } from '../../package-revisions/authoring/authoring.service.js';
import type { NewSource } from '../../package-revisions/authoring/origin.service.js';
import type { CampaignRow, ItemRow } from '../campaign-row.js';
import type { Actors, Begun } from '../changes/campaign-change.js';
import { deed } from './deeds.js';
import { CampaignRelease, moved } from './release.js';

type SourceOf = (row: RevisionRow, tree: string) => Promise<NewSource>;

/** Begins the next revision of a package with exactly the planned content. */
@Injectable()
export class NextRevisions {
  constructor(
    private readonly revisions: PackageRevisionStore,
    private readonly authoring: AuthoringService,
    private readonly release: CampaignRelease,
  ) {}

  /**
   * Throws `contentChanged` where another revision of the package was published since the plan, `headDiffers` where somebody
   * has committed to it. A draft that was made for the item before goes on.
   */
  async begin(item: ItemRow, campaign: CampaignRow, actors: Actors, sourceOf: SourceOf): Promise<Begun> {
    const { draftId, resultTree: tree } = item;
    if (tree === null) throw new Error(`Item ${item.id} has no planned content`);
    const earlier = draftId === null ? null : await this.revisions.find(draftId);
    if (earlier) return this.release.release(earlier, tree, actors);
    const row = await this.revisions.find(item.revisionId);
    if (!row || row.tree !== item.tree || !row.latest) throw moved({ name: row?.name ?? item.path });
    const source = await sourceOf(row, tree);
    const request = { repositoryId: row.repositoryId, workspace: workspaceOf(campaign), source };
    const made = await deed('createPackageRevision', actors.starter, null, () =>
      this.authoring.create(request, actors.starter),
    );
    // The draft stands on what was latest under the package's lock.
    if (made.result.baseRevision !== row.revision) throw moved(row);
    const begun = await this.release.release(made.result, tree, actors);
    return { ...begun, entries: [made.entry, ...begun.entries] };
  }
}
