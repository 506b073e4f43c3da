import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { noteChange } from '../../audit/noted-change.js';
import type { LookedAt } from '../../content/merges.js';
import type { CampaignItemState } from '../../domain/campaign.js';
import { DomainError, refusal } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import { jsonPointer } from '../../domain/json-pointer.js';
import type { Part, Rows } from '../../domain/list.js';
import { assertPrecondition, type Precondition } from '../../domain/precondition.js';
import type { DefaultResolution, Resolution } from '../../domain/upgrade.js';
import { PackageRevisionStore } from '../../revisions/package-revision.store.js';
import { UpgradeService } from '../package-revisions/upgrades/upgrade.service.js';
import { CampaignBell } from './campaign-bell.js';
import { itemEtag } from './campaign-etag.js';
import { CampaignEvents } from './campaign-events.js';
import { CampaignItemStore } from './campaign-item.store.js';
import { CampaignRights } from './campaign-rights.js';
import type { CampaignRow, ItemRow } from './campaign-row.js';
import type { CampaignItemFilter } from './campaign.filter.js';
import { CampaignStore } from './campaign.store.js';
import { settlementOf } from './changes/upgrade.js';
import { Planner } from './planner.js';

/** What is left out stays; null takes a resolution, or the default, away. */
export interface ItemPatch {
  excluded?: boolean | undefined;
  resolutions?: Record<string, Resolution | null> | undefined;
  defaultResolution?: DefaultResolution | null | undefined;
}

/** An item with what its merge tells; null: nothing was merged for it. */
export interface SeenItem {
  row: ItemRow;
  merged: LookedAt | null;
  /** Whether the caller sees what it is brought to. */
  seesUpstream: boolean;
}

const SKIPPED: readonly CampaignItemState[] = ['planned', 'conflicted', 'proposed', 'failed', 'setAside'];
const RETRIED: readonly CampaignItemState[] = ['failed', 'setAside'];

/** What campaigns do to single packages. An item of a package that a caller may not see is not there. */
@Injectable()
export class CampaignItemService {
  constructor(
    private readonly campaigns: CampaignStore,
    private readonly items: CampaignItemStore,
    private readonly rights: CampaignRights,
    private readonly planner: Planner,
    private readonly revisions: PackageRevisionStore,
    private readonly upgrades: UpgradeService,
    private readonly events: CampaignEvents,
    private readonly bell: CampaignBell,
  ) {}

  async list(
    id: string,
    filter: CampaignItemFilter,
    caller: Caller,
    part: Part,
  ): Promise<Rows<Omit<SeenItem, 'merged'>>> {
    const { rows, next } = await this.items.list(id, filter, caller.visibility('packages.read'), part);
    const seen = await this.seenUpstreams(rows, caller);
    return { rows: rows.map((row) => ({ row: shownTo(caller, row), seesUpstream: seen(row) })), next };
  }

  async get(id: string, itemId: string, caller: Caller): Promise<SeenItem> {
    const row = found(await this.items.find(id, itemId), 'campaign item', itemId);
    if (!caller.allows('packages.read', row)) found(null, 'campaign item', itemId);
    const campaign = found(await this.campaigns.find(id), 'campaign', id);
    return this.seen(campaign, row, caller);
  }

  /** Before the start: leaves it out, takes it in again, or settles its conflicts. The plan is another one then, which nobody has approved. */
  async update(id: string, itemId: string, patch: ItemPatch, caller: Caller, seen: Precondition): Promise<SeenItem> {
    const campaign = await this.rights.lock(id, caller, ['planned', 'approved']);
    const row = await this.lockSeen(id, itemId, caller, seen);
    const next = { ...patched(row, patch), version: row.version + 1 };
    const isExcluded = patch.excluded ?? (row.state === 'excluded' && row.error === null);
    let changed: ItemRow = { ...next, state: 'excluded', error: null };
    if (isExcluded) await this.items.save([changed]);
    else {
      [changed = next] = await this.planner.planItems(campaign, [next], caller);
      await this.assertOfConflicts(patch, campaign, changed);
    }
    await this.campaigns.voidApprovals(id);
    const planDigest = await this.planner.finish(campaign);
    await this.campaigns.update(id, {
      ...{ state: 'planned', planDigest, version: campaign.version + 1, updatedAt: new Date() },
    });
    noteChange(id, { after: itemEtag(changed) });
    return this.seen(campaign, found(await this.items.find(id, itemId), 'campaign item', itemId), caller);
  }

  /** Nothing is done with it any more. */
  async skip(id: string, itemId: string, caller: Caller): Promise<SeenItem> {
    return this.decide(id, itemId, caller, SKIPPED, (row) => ({ ...row, state: 'skipped', endedAt: new Date() }));
  }

  /** It is done once more, with the content that was planned. */
  async retry(id: string, itemId: string, caller: Caller): Promise<SeenItem> {
    return this.decide(id, itemId, caller, RETRIED, (row, { change }) => {
      if (row.resultTree === null && change.type !== 'retire')
        throw new DomainError(
          'stateConflict',
          'It was in conflict when the plan was approved: there is nothing to retry.',
          {
            state: row.state,
          },
        );
      return { ...row, state: 'planned', error: null, operationIds: [], endedAt: null };
    });
  }

  private async decide(
    id: string,
    itemId: string,
    caller: Caller,
    states: readonly CampaignItemState[],
    change: (row: ItemRow, campaign: CampaignRow) => ItemRow,
  ): Promise<SeenItem> {
    const campaign = await this.rights.lock(id, caller, ['running', 'waiting', 'paused']);
    const row = await this.lockSeen(id, itemId, caller, { ifMatch: '*' });
    if (!states.includes(row.state)) {
      const message = `That is possible while the item is ${states.join(' or ')}; it is ${row.state}.`;
      throw new DomainError('stateConflict', message, { state: row.state });
    }
    const changed = { ...change(row, campaign), version: row.version + 1 };
    await this.items.save([changed]);
    if (changed.endedAt !== null) await this.events.tellItems('campaign.itemEnded', campaign, [changed]);
    await this.bell.ring(campaign);
    noteChange(id, { after: itemEtag(changed) });
    return this.seen(campaign, changed, caller);
  }

  /** The campaign is locked. */
  private async lockSeen(id: string, itemId: string, caller: Caller, seen: Precondition): Promise<ItemRow> {
    const row = found(await this.items.find(id, itemId), 'campaign item', itemId);
    if (!caller.allows('packages.read', row)) found(null, 'campaign item', itemId);
    const before = itemEtag(row);
    assertPrecondition(seen, before, `The item "${row.path}"`);
    noteChange(id, { before, repositoryId: row.repositoryId, path: row.path });
    return row;
  }

  private async seen(campaign: CampaignRow, row: ItemRow, caller: Caller): Promise<SeenItem> {
    const seesUpstream = (await this.seenUpstreams([row], caller))(row);
    return { row: shownTo(caller, row), merged: await this.look(campaign, row), seesUpstream };
  }

  private async look(campaign: CampaignRow, row: ItemRow): Promise<LookedAt | null> {
    return row.plan && this.upgrades.look(row.plan, settlementOf(row, campaign));
  }

  /** Tells of items whether the caller sees what they are brought to: what that holds shows in conflicts and refusals. */
  private async seenUpstreams(rows: readonly ItemRow[], caller: Caller): Promise<(row: ItemRow) => boolean> {
    const ids = [...new Set(rows.flatMap(({ toRevisionId }) => toRevisionId ?? []))];
    const found = caller.visibility('packages.read') === 'all' ? [] : await this.revisions.findAll(ids);
    const hidden = new Set(found.filter((each) => !caller.allows('packages.read', each)).map(({ id }) => id));
    return ({ toRevisionId }) => toRevisionId === null || !hidden.has(toRevisionId);
  }

  /** A mistyped id would settle nothing, without a word. */
  private async assertOfConflicts({ resolutions = {} }: ItemPatch, campaign: CampaignRow, row: ItemRow): Promise<void> {
    const merged = await this.look(campaign, row);
    const known = new Set(merged?.conflicts.map(({ id }) => id));
    const unknown = Object.entries(resolutions).find(([id, value]) => value !== null && !known.has(id))?.[0];
    if (unknown === undefined) return;
    const pointer = jsonPointer(['resolutions', unknown]);
    throw refusal('invalidBody', pointer, 'notFound', 'The item has no conflict with this id.');
  }
}

/** Without packages that the caller does not see. */
const shownTo = (caller: Caller, row: ItemRow): ItemRow => ({
  ...row,
  waitsFor: row.waitsFor.filter((needed) => caller.allows('packages.read', needed)),
});

function patched(row: ItemRow, { resolutions = {}, defaultResolution }: ItemPatch): ItemRow {
  const all = Object.entries({ ...row.resolutions, ...resolutions });
  const kept = all.filter((entry): entry is [string, Resolution] => entry[1] !== null);
  const otherwise = defaultResolution === undefined ? row.defaultResolution : defaultResolution;
  return { ...row, resolutions: Object.fromEntries(kept), defaultResolution: otherwise };
}
