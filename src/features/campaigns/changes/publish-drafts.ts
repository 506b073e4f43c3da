import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { found } from '../../../domain/found.js';
import { assertAllowed, isPublished } from '../../../domain/lifecycle.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import type { CampaignRow, ItemRow } from '../campaign-row.js';
import { CampaignRelease } from '../run/release.js';
import type { Actors, Begun, CampaignChangeKind, Chosen, Planned } from './campaign-change.js';
import { Selection } from './selection.js';

/** Publishes drafts that somebody has made, as they are. */
@Injectable()
export class PublishDraftsChange implements CampaignChangeKind {
  readonly permission = 'packageRevisions.propose';

  constructor(
    private readonly selection: Selection,
    private readonly revisions: PackageRevisionStore,
    private readonly release: CampaignRelease,
  ) {}

  async choose({ selection }: CampaignRow, caller: Caller): Promise<Chosen[]> {
    return (await this.selection.drafts(selection, caller)).map((row) => ({ row }));
  }

  plan(_item: ItemRow, row: RevisionRow): Promise<Planned> {
    if (isPublished(row.lifecycle)) assertAllowed(row, 'propose');
    return Promise.resolve({
      ...{ toRevisionId: null, toRevision: null, resultTree: row.tree, plan: null, summary: null, warnings: [] },
      state: 'planned',
    });
  }

  async begin({ revisionId, tree }: ItemRow, _campaign: CampaignRow, actors: Actors): Promise<Begun> {
    const row = found(await this.revisions.find(revisionId), 'package revision', revisionId);
    return this.release.release(row, tree, actors);
  }
}
