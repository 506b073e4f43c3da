import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { Outbox } from '../../jobs/outbox.js';
import { operationBell } from '../../jobs/work-scope.js';
import { GateWatch } from '../package-revisions/release/gate-watch.js';
import type { CampaignRow } from './campaign-row.js';
import { CampaignStore } from './campaign.store.js';
import { RunStore } from './run/run.store.js';

/** Has a worker look at a campaign that waits. */
@Injectable()
export class CampaignBell implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly campaigns: CampaignStore,
    private readonly runs: RunStore,
    private readonly outbox: Outbox,
    private readonly gates: GateWatch,
  ) {}

  onModuleInit(): void {
    this.gates.listen((revisionId) => this.ringFor(revisionId));
  }

  /** It is reported how a package fares: the campaigns that have published it hear of it once that is committed. */
  async reported(packageId: string): Promise<void> {
    await this.database.afterCommit(() =>
      this.database.apart(async () => this.ringAll(await this.runs.watching(packageId))),
    );
  }

  /** Something was said of a draft that an item may wait with. */
  private async ringFor(draftId: string): Promise<void> {
    await this.ringAll(await this.runs.waitingWith(draftId));
  }

  private async ringAll(campaignIds: readonly string[]): Promise<void> {
    for (const id of campaignIds) {
      await this.database.transaction(async () => {
        const campaign = await this.campaigns.lock(id);
        if (campaign) await this.ring(campaign);
      });
    }
  }

  /** Call it with the campaign locked: what a worker has decided without this is overwritten. */
  async ring({ operationId }: Pick<CampaignRow, 'operationId'>): Promise<void> {
    if (operationId === null) return;
    await this.runs.wake(operationId);
    await this.outbox.ring(operationBell(operationId));
  }
}
