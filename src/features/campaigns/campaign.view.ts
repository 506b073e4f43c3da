import {
  CAMPAIGN_ITEM_STATES,
  type CampaignItemState,
  estimateOf,
  isOver,
  type ItemOrder,
} from '../../domain/campaign.js';
import { isoTime } from '../../domain/iso-time.js';
import { exactJson } from '../../http/exact-json.js';
import { storedProblem } from '../../http/problem.js';
import type { RawContent } from '../../http/reply.js';
import { wellNamed } from '../upgrade-previews/upgrade-preview.view.js';
import { campaignEtag, itemEtag } from './campaign-etag.js';
import type { ItemCount } from './campaign-item.store.js';
import type { CampaignItemDetailResponse, CampaignItemResponse } from './campaign-item.schema.js';
import type { SeenItem } from './campaign-item.service.js';
import type { CampaignRow, ItemRow, WaveRow } from './campaign-row.js';
import type { CampaignResponse } from './campaign-response.schema.js';
import type { SeenCampaign } from './campaign.service.js';

type Counts = Record<CampaignItemState, number>;

const ENDED: readonly CampaignItemState[] = ['done', 'failed', 'skipped', 'setAside'];
const LEFT: readonly CampaignItemState[] = ['planned', 'proposed', 'publishing', 'published'];

/** How many there are in each state. */
export function countsOf(counts: readonly ItemCount[]): Counts {
  const all = Object.fromEntries(CAMPAIGN_ITEM_STATES.map((state) => [state, 0])) as Counts;
  for (const { state, count } of counts) all[state] += count;
  return all;
}

const sumOf = (counts: Counts, states: readonly CampaignItemState[]): number =>
  states.reduce((sum, state) => sum + counts[state], 0);

const time = (at: Date | null): string | null => at && isoTime(at);

/** A campaign as somebody sees it: only what is about packages that they see. */
export function toCampaignResponse(seen: SeenCampaign): CampaignResponse {
  const { row, waves, counts, plan, seesAll } = seen;
  const shown = {
    ...{ id: row.id, name: row.name, description: row.description, change: changeOf(seen) },
    selection: seesAll ? row.selection : null,
    waves: waves.map((wave) => waveOf(wave, counts)),
    ...{ budget: row.budget, orderByDependencies: row.orderByDependencies, state: row.state, reason: row.reason },
    plan: plan && {
      digest: plan.digest,
      plannedAt: isoTime(row.plannedAt ?? row.updatedAt),
      plannedBy: row.plannedBy ?? row.createdBy,
      requiredApprovals: plan.required,
      missingApprovals: plan.missing,
      approvals: plan.approvals.map(({ approvedBy, comment, createdAt }) => ({
        ...{ approvedBy, comment, createdAt: isoTime(createdAt) },
      })),
    },
    progress: { wave: row.wave, counts: countsOf(counts), waitingFor: seen.waitingFor },
    operationId: row.operationId ?? (row.state === 'planning' ? row.planOperationId : null),
    ...{ startedAt: time(row.startedAt), startedBy: row.startedBy, finishedAt: time(row.finishedAt) },
    ...{ createdAt: isoTime(row.createdAt), createdBy: row.createdBy, updatedAt: isoTime(row.updatedAt) },
  };
  // The estimate is another with each look.
  const progress = { ...shown.progress, estimate: time(estimate(row, waves, countsOf(counts))) };
  return { ...shown, progress, etag: campaignEtag(row, shown) };
}

function changeOf({ row: { change }, seesAll }: SeenCampaign): CampaignResponse['change'] {
  if (change.type === 'rollback') return { type: change.type, campaignId: change.campaignId };
  if (change.type === 'mutate') return { type: change.type, ...(seesAll && { mutations: change.mutations }) };
  if (change.type === 'retire') return { type: change.type, force: change.force ?? false };
  if (change.type !== 'upgrade') return { type: change.type };
  const { type, strategy, allowOtherPackage, defaultResolution } = change;
  return { type, to: seesAll ? change.to : null, strategy, allowOtherPackage, defaultResolution };
}

function waveOf(wave: WaveRow, counts: readonly ItemCount[]): CampaignResponse['waves'][number] {
  const { name, labelSelector = null, percent = null, count = null, ...how } = wave.settings;
  const { maxParallel, soakSeconds, gate, approval } = how;
  return {
    ...{ name, labelSelector, percent, count, maxParallel, soakSeconds, gate, approval, state: wave.state },
    conditions: Object.entries(wave.conditions).map(([type, { status, message, by, at }]) => ({
      ...{ type, status, message, by, at },
    })),
    continuedBy: wave.continuedBy,
    counts: countsOf(counts.filter((each) => each.wave === wave.position)),
    ...{ startedAt: time(wave.startedAt), finishedAt: time(wave.finishedAt) },
  };
}

function estimate({ state, startedAt, wave }: CampaignRow, waves: readonly WaveRow[], counts: Counts): Date | null {
  if (startedAt === null || isOver(state) || state === 'paused') return null;
  const soak = waves
    .filter(({ position }) => position >= (wave ?? 0))
    .reduce((sum, { settings }) => sum + settings.soakSeconds, 0);
  const items = { ended: sumOf(counts, ENDED), left: sumOf(counts, LEFT) };
  return estimateOf({ startedAt, now: new Date() }, items, soak);
}

/** Warns of needed items behind which the plan does not put this one. */
function orderWarnings({ waitsFor }: Pick<ItemRow, 'waitsFor'>): string[] {
  const named = (order: ItemOrder) => waitsFor.filter((each) => each.order === order).map(({ path }) => `"${path}"`);
  const [cycle, later] = [named('cycle'), named('laterWave')];
  return [
    ...(cycle.length > 0 ? [`It needs itself through ${cycle.join(', ')}: nothing orders these.`] : []),
    ...(later.length > 0 ? [`It goes before ${later.join(', ')} of a later wave, although it should go behind.`] : []),
  ];
}

/** What is merged is told to those who see what is upstream. */
export function toItemResponse({ row, seesUpstream }: Omit<SeenItem, 'merged'>): CampaignItemResponse {
  const { revisionId, revision, tree, toRevisionId, toRevision } = row;
  return {
    ...{ id: row.id, wave: row.wave, packageId: row.packageId, repositoryId: row.repositoryId, path: row.path },
    from: { revisionId, revision, tree },
    to: toRevisionId === null || !seesUpstream ? null : { revisionId: toRevisionId, revision: toRevision },
    result: row.resultTree,
    summary: seesUpstream ? row.summary : null,
    waitsFor: row.waitsFor.map(({ packageId, path, order }) => ({ packageId, path, order })),
    warnings: [...(seesUpstream ? row.warnings : []), ...orderWarnings(row)],
    state: row.state,
    error: row.error === null || !seesUpstream ? null : storedProblem(row.error),
    ...{ draftId: row.draftId, revision: row.publishedRevision, attempts: row.attempts },
    ...{ startedAt: time(row.startedAt), publishedAt: time(row.publishedAt), endedAt: time(row.endedAt) },
    etag: itemEtag(row),
  };
}

export function toItemDetailResponse({ merged, ...item }: SeenItem): CampaignItemDetailResponse | RawContent {
  const conflicts = item.seesUpstream ? (merged?.conflicts ?? []) : [];
  return exactJson({ ...toItemResponse(item), conflicts: conflicts.map(wellNamed) });
}
