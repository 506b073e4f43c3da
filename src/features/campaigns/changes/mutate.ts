import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { MutatedContent } from '../../../content/mutated-content.js';
import type { CampaignChange } from '../../../domain/campaign.js';
import { DomainError } from '../../../domain/errors.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import type { CampaignRow, ItemRow } from '../campaign-row.js';
import { NextRevisions } from '../run/next-revisions.js';
import type { Actors, Begun, CampaignChangeKind, Chosen, Planned } from './campaign-change.js';
import { Selection } from './selection.js';

type Change = Extract<CampaignChange, { type: 'mutate' }>;

/** Sets fields of objects, or takes them away, in each package alike. */
@Injectable()
export class MutateChange implements CampaignChangeKind {
  readonly permission = 'packageRevisions.create';

  constructor(
    private readonly selection: Selection,
    private readonly mutated: MutatedContent,
    private readonly next: NextRevisions,
  ) {}

  async choose({ selection }: CampaignRow, caller: Caller): Promise<Chosen[]> {
    return (await this.selection.published(selection, caller)).map((row) => ({ row }));
  }

  async plan(_item: ItemRow, row: RevisionRow, { change }: CampaignRow): Promise<Planned> {
    const { mutations } = change as Change;
    const { tree, unmatched } = await this.mutated.mutated(row.tree, row.packageName, {
      mutations,
      packageContext: {},
    });
    if (unmatched.length === mutations.length)
      throw new DomainError('notFound', `No object of "${row.name}" has a place for what is to be changed.`);
    if (tree === row.tree) throw new DomainError('upToDate', `"${row.name}" holds all of it already.`);
    const warnings = unmatched.map((at) => `No object has a place for change ${at + 1} (${mutations[at]?.path}).`);
    return {
      ...{ toRevisionId: null, toRevision: null, resultTree: tree, plan: null, summary: null, warnings },
      state: 'planned',
    };
  }

  async begin(item: ItemRow, campaign: CampaignRow, actors: Actors): Promise<Begun> {
    return this.next.begin(item, campaign, actors, (row, tree) =>
      Promise.resolve({ type: 'upgrade', upgraded: { row, tree, root: null } }),
    );
  }
}
