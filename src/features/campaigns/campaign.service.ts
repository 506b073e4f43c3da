import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import {
  type CampaignBudget,
  type CampaignChange,
  type CampaignSelection,
  isBeforeStart,
  type WaveSettings,
} from '../../domain/campaign.js';
import { DomainError } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import { assertPrecondition, type Precondition } from '../../domain/precondition.js';
import { uuidv7 } from '../../domain/uuid.js';
import { PackageRevisionStore } from '../../revisions/package-revision.store.js';
import { unknownReference } from '../package-revisions/authoring/upstream.service.js';
import { CampaignApprovals, type PlanStanding } from './campaign-approvals.js';
import { campaignEtag } from './campaign-etag.js';
import { CampaignItemStore, type ItemCount } from './campaign-item.store.js';
import { assertState, CampaignRights } from './campaign-rights.js';
import type { CampaignRow, WaveRow } from './campaign-row.js';
import type { CampaignFilter } from './campaign.filter.js';
import { campaignSight } from './campaign.sql.js';
import { CampaignStore } from './campaign.store.js';
import { Selection } from './changes/selection.js';
import { unplanned } from './plan.service.js';

export interface NewCampaign {
  name: string;
  description: string | null;
  change: CampaignChange;
  selection: CampaignSelection;
  waves: WaveSettings[];
  budget: CampaignBudget;
  orderByDependencies: boolean;
}

export type CampaignPatch = { [Field in keyof NewCampaign]?: NewCampaign[Field] | undefined };

/** A campaign as somebody sees it. */
export interface SeenCampaign {
  row: CampaignRow;
  waves: WaveRow[];
  counts: ItemCount[];
  plan: PlanStanding | null;
  /** Whether they see all that it is about: then also how that was chosen. */
  seesAll: boolean;
  /** What the campaign waits for before its next step, in a sentence; null: it waits for nothing. */
  waitingFor: string | null;
}

/** What campaigns are, before and after they run. */
@Injectable()
export class CampaignService {
  constructor(
    private readonly campaigns: CampaignStore,
    private readonly items: CampaignItemStore,
    private readonly rights: CampaignRights,
    private readonly approvals: CampaignApprovals,
    private readonly revisions: PackageRevisionStore,
    private readonly selection: Selection,
  ) {}

  async list(filter: CampaignFilter, caller: Caller, part: Part): Promise<Rows<SeenCampaign>> {
    const { rows, next } = await this.campaigns.list(filter, campaignSight(caller), part);
    const seen: SeenCampaign[] = [];
    for (const row of rows) seen.push(await this.seen(row, caller));
    return { rows: seen, next };
  }

  async get(id: string, caller: Caller): Promise<SeenCampaign> {
    return this.seen(found(await this.campaigns.find(id), 'campaign', id), caller);
  }

  async create({ waves, ...given }: NewCampaign, caller: Caller): Promise<SeenCampaign> {
    await this.assertKnown(given.change, caller);
    await this.selection.assertKnown(given.selection, caller);
    const row = newCampaign(given, caller);
    await this.campaigns.insert(row, waves);
    return this.get(row.id, caller);
  }

  /** While nothing was begun. What the plan covers makes it void, and the approvals with it. */
  async update(id: string, patch: CampaignPatch, caller: Caller, seen: Precondition): Promise<SeenCampaign> {
    const row = await this.rights.lock(id, caller);
    assertPrecondition(seen, campaignEtag(row), `The campaign "${row.name}"`);
    if (!isBeforeStart(row.state)) assertState(row, ['draft', 'planned', 'approved']);
    const { waves, ...fields } = patch;
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    const { description = row.description, ...next } = { ...pick(row), ...(given as Partial<NewCampaign>) };
    const before = (await this.campaigns.waves(id)).map(({ settings }) => settings);
    const isSame = isDeepStrictEqual({ ...next, description }, { ...pick(row), description: row.description });
    const sameWaves = waves === undefined || isDeepStrictEqual(waves, before);
    if (isSame && sameWaves) return this.get(id, caller);
    if (row.change.type === 'rollback' && (patch.change ?? patch.selection ?? waves))
      throw new DomainError('stateConflict', 'What a rollback does follows from the campaign that it takes back.', {
        state: row.state,
      });
    if (patch.change) await this.assertKnown(patch.change, caller);
    if (patch.selection) await this.selection.assertKnown(patch.selection, caller);
    const { name: _name, ...covered } = pick(row);
    const { name: _next, ...coveredNow } = next;
    const isCovered = !sameWaves || !isDeepStrictEqual(covered, coveredNow);
    if (isCovered) await this.campaigns.voidApprovals(id);
    if (!sameWaves) await this.campaigns.replaceWaves(id, waves);
    const same = { version: row.version + 1, updatedAt: new Date() };
    await this.campaigns.update(id, { ...next, description, ...(isCovered ? unplanned(row) : same) });
    return this.get(id, caller);
  }

  async delete(id: string, caller: Caller, seen: Precondition): Promise<void> {
    const row = await this.rights.lock(id, caller);
    assertPrecondition(seen, campaignEtag(row), `The campaign "${row.name}"`);
    assertState(row, ['draft', 'planning', 'planned', 'approved', 'finished', 'aborted']);
    await this.campaigns.delete(id);
  }

  private async seen(row: CampaignRow, caller: Caller): Promise<SeenCampaign> {
    const visible = caller.visibility('packages.read');
    const all = await this.items.counts(row.id, 'all');
    const counts = visible === 'all' ? all : await this.items.counts(row.id, visible);
    const total = (given: ItemCount[]) => given.reduce((sum, { count }) => sum + count, 0);
    const seesAll = visible === 'all' || (row.createdBy === caller.user && total(all) === total(counts));
    return {
      ...{ row, counts, seesAll },
      waves: await this.campaigns.waves(row.id),
      waitingFor: row.operationId === null ? null : await this.campaigns.waitingFor(row.operationId),
      plan: row.planDigest === null ? null : await this.approvals.standing(row, row.planDigest),
    };
  }

  /** What it brings packages to is there, as far as the caller may know. */
  private async assertKnown(change: CampaignChange, caller: Caller): Promise<void> {
    if (change.type !== 'upgrade') return;
    const { revisionId } = change.to;
    const row = await this.revisions.find(revisionId);
    if (row && caller.allows('packages.read', row)) return;
    throw unknownReference('/change/to/revisionId', `There is no package revision with the id ${revisionId}.`);
  }
}

const pick = ({ name, change, selection, budget, orderByDependencies }: CampaignRow) => ({
  ...{ name, change, selection, budget, orderByDependencies },
});

export function newCampaign(given: Omit<NewCampaign, 'waves'>, { user }: Caller): CampaignRow {
  const now = new Date();
  return {
    ...{ id: uuidv7(), ...given, state: 'draft', reason: null, wave: null, planDigest: null, plannedAt: null },
    ...{ plannedBy: null, planOperationId: null, operationId: null, startedAt: null, startedBy: null },
    ...{ finishedAt: null, version: 1, createdAt: now, createdBy: user, updatedAt: now },
  };
}
