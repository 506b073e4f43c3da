import { Injectable, Logger } from '@nestjs/common';
import { toldTo } from '../../access/action-permissions.js';
import type { Caller } from '../../access/caller.js';
import { fromDatabase } from '../../database/database-error.js';
import { Database } from '../../database/database.js';
import { isUnavailable } from '../../database/unavailable.js';
import { planDigestOf, wavesOf } from '../../domain/campaign.js';
import { DomainError } from '../../domain/errors.js';
import { PackageRevisionStore } from '../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../revisions/revision-row.js';
import { CampaignItemStore } from './campaign-item.store.js';
import type { CampaignRow, ItemRow, StoredError } from './campaign-row.js';
import { CampaignStore } from './campaign.store.js';
import { CampaignChanges } from './changes/campaign-changes.js';
import { PlanOrder } from './order/plan-order.js';
import { RetirementGuard } from './order/retirement-guard.js';

/** Works out what campaigns would do: item by item, then as a whole. */
@Injectable()
export class Planner {
  private readonly logger = new Logger('Campaigns');

  constructor(
    private readonly database: Database,
    private readonly campaigns: CampaignStore,
    private readonly items: CampaignItemStore,
    private readonly revisions: PackageRevisionStore,
    private readonly changes: CampaignChanges,
    private readonly order: PlanOrder,
    private readonly retirement: RetirementGuard,
  ) {}

  /** Works out these items, and writes them down. One that cannot be done is left out, with the reason. */
  async planItems(campaign: CampaignRow, items: readonly ItemRow[], caller: Caller): Promise<ItemRow[]> {
    const rows = await this.revisions.findAll(items.map(({ revisionId }) => revisionId));
    const known = new Map(rows.map((row) => [row.id, row]));
    const planned: ItemRow[] = [];
    for (const item of items) planned.push(await this.planItem(campaign, item, known.get(item.revisionId), caller));
    await this.items.save(planned);
    return planned;
  }

  private async planItem(
    campaign: CampaignRow,
    item: ItemRow,
    row: RevisionRow | undefined,
    caller: Caller,
  ): Promise<ItemRow> {
    const kind = this.changes.of(campaign);
    const blank = { ...item, summary: null, error: null, plan: null, resultTree: null };
    try {
      return await this.database.part(async () => {
        if (!row) throw new DomainError('notFound', 'It is not there any more.');
        caller.assertAllowed('campaigns.manage', item);
        caller.assertAllowed(kind.permission, item);
        return { ...blank, ...(await kind.plan(item, row, campaign, caller)) };
      });
    } catch (error) {
      const isDone = error instanceof DomainError && error.code === 'upToDate';
      return { ...blank, state: isDone ? 'upToDate' : 'excluded', error: this.known(error, caller) };
    }
  }

  /** Throws what is no fault of the item. */
  private known(error: unknown, caller: Caller): StoredError {
    if (isUnavailable(error)) throw error;
    const known = error instanceof DomainError ? error : fromDatabase(error);
    if (known === undefined) this.logger.error(error);
    return storedError(known ? toldTo(caller, known) : UNEXPECTED);
  }

  /** Gives each item its wave, and the plan its digest; an item that no wave takes is left out. */
  async finish(campaign: CampaignRow): Promise<string> {
    const { id, change } = campaign;
    const kept = await this.retirement.kept(campaign);
    await this.items.leaveOut(id, [...kept.keys()], storedError(NEEDED));
    if (change.type !== 'rollback') {
      const settings = (await this.campaigns.waves(id)).map((wave) => wave.settings);
      const matching: (Set<number> | null)[] = [];
      for (const { labelSelector: selector } of settings)
        matching.push(selector === undefined ? null : await this.items.matching(id, selector));
      // Of those that are done, or left out: a share is one of what there is to do.
      const open = await this.items.open(id);
      const waves = wavesOf(open.length, settings, (at, wave) => matching[wave]?.has(open[at]?.position ?? -1) ?? true);
      const byPosition = new Map(open.map(({ position }, at) => [position, waves[at] ?? null]));
      await this.items.assignWaves(id, byPosition);
    }
    await this.items.leaveOut(id, 'withoutWave', storedError(NO_WAVE));
    const order = campaign.orderByDependencies ? await this.order.of(campaign) : [];
    await this.items.assignOrder(id, new Map([...kept, ...order]));
    return this.digest(campaign);
  }

  /** Of the rows as they are now. */
  async digest({ id, change, budget, orderByDependencies }: CampaignRow): Promise<string> {
    const waves = (await this.campaigns.waves(id)).map(({ settings }) => settings);
    return planDigestOf({ change, budget, waves, orderByDependencies }, await this.items.digested(id));
  }
}

const UNEXPECTED = new DomainError('internal', 'An unexpected error stopped this item; it is in the log.');
const NEEDED = new DomainError(
  'inUse',
  'Packages that stay need it (see `waitsFor`). Plan them as well, or set `force` of the change.',
);
const NO_WAVE = new DomainError('stateConflict', 'No wave of the campaign takes it.');

export const storedError = ({ code, message, data }: DomainError): StoredError => ({
  code,
  detail: message,
  data: { ...data },
});
