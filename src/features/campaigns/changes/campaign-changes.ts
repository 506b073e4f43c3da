import { Injectable } from '@nestjs/common';
import type { CampaignChangeType } from '../../../domain/campaign.js';
import type { CampaignRow } from '../campaign-row.js';
import type { CampaignChangeKind } from './campaign-change.js';
import { MutateChange } from './mutate.js';
import { PublishDraftsChange } from './publish-drafts.js';
import { RetireChange } from './retire.js';
import { RollbackChange } from './rollback.js';
import { UpgradeChange } from './upgrade.js';

/** What can be rolled out. A new type is a file beside these and a line here. */
@Injectable()
export class CampaignChanges {
  private readonly kinds: Readonly<Record<CampaignChangeType, CampaignChangeKind>>;

  constructor(
    upgrade: UpgradeChange,
    mutate: MutateChange,
    publishDrafts: PublishDraftsChange,
    retire: RetireChange,
    rollback: RollbackChange,
  ) {
    this.kinds = { upgrade, mutate, publishDrafts, retire, rollback };
  }

  of({ change }: Pick<CampaignRow, 'change'>): CampaignChangeKind {
    return this.kinds[change.type];
  }
}
