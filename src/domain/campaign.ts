import { hash } from 'node:crypto';
import type { Mutation } from './mutation.js';
import type { CampaignMark } from './operation-payloads.js';
import type { DefaultResolution, UpgradeStrategy } from './upgrade.js';

/** A change that is rolled out over many packages in waves. Pure; the rows come from elsewhere. */

/**
 * - `draft`: there is no plan. `planning`, `planned`, `approved`: it can be started.
 * - `running`; `waiting`: somebody has to let the next wave begin; `paused`: no item begins; `aborting`: what is begun ends.
 * - `finished`, `aborted`: nothing happens any more.
 */
export const CAMPAIGN_STATES = [
  ...(['draft', 'planning', 'planned', 'approved'] as const),
  ...(['running', 'waiting', 'paused', 'aborting', 'finished', 'aborted'] as const),
] as const;
export type CampaignState = (typeof CAMPAIGN_STATES)[number];

/** While there is no operation that carries it out, what it is to do can be changed. */
export const isBeforeStart = (state: CampaignState): boolean => CAMPAIGN_STATES.indexOf(state) < 4;

export const isOver = (state: CampaignState): boolean => state === 'finished' || state === 'aborted';

/**
 * - `unplanned`; `planned`; `conflicted`: somebody has to resolve it, or leave it out; `excluded`; `upToDate`.
 * - `proposed`: its draft waits for gates or approvals; `publishing`; `published`: it is watched for a while.
 * - `done`, `failed`, `skipped`, and `setAside`: it is not what was planned any more.
 */
export const CAMPAIGN_ITEM_STATES = [
  ...(['unplanned', 'planned', 'conflicted', 'excluded', 'upToDate'] as const),
  ...(['proposed', 'publishing', 'published', 'done', 'failed', 'skipped', 'setAside'] as const),
] as const;
export type CampaignItemState = (typeof CAMPAIGN_ITEM_STATES)[number];

/** States that take a slot of their wave. */
export const AT_WORK: readonly CampaignItemState[] = ['proposed', 'publishing'];

export const WAVE_STATES = ['pending', 'running', 'soaking', 'gated', 'done'] as const;
export type WaveState = (typeof WAVE_STATES)[number];

export type CampaignChange =
  | {
      type: 'upgrade';
      to: { revisionId: string };
      strategy: UpgradeStrategy;
      allowOtherPackage: boolean;
      defaultResolution: DefaultResolution;
    }
  | { type: 'mutate'; mutations: Mutation[] }
  | { type: 'publishDrafts' }
  | { type: 'retire'; force?: boolean | undefined }
  | { type: 'rollback'; campaignId: string };

export type CampaignChangeType = CampaignChange['type'];

/** How a campaign chooses its packages: in one of these ways; a rollback chooses none, since those are what its campaign published. `filter`: as lists take it, in JSON. */
export type CampaignSelection = {
  filter?: Record<string, unknown> | undefined;
  packageIds?: string[] | undefined;
  revisionIds?: string[] | undefined;
  /** The packages of the members of a set of variants. */
  variantSetId?: string | undefined;
};

export type WaveSettings = {
  name: string;
  /** Which packages the wave takes of those that no earlier wave has taken: by their labels and those of their targets, a share of all, or so many. With none of the three it takes all that are left. */
  labelSelector?: string | undefined;
  percent?: number | undefined;
  count?: number | undefined;
  /** How many items are at work at a time. */
  maxParallel: number;
  /** How long each item is watched once it is published. */
  soakSeconds: number;
  gate: { minHealthyPercent: number; conditions: string[] };
  /** `manual`: the wave begins once a person lets it. */
  approval: 'automatic' | 'manual';
};

/**
 * How an item goes with one that it needs: `ordered`, it begins once that has ended well; `cycle`, each needs the other, and nothing orders
 * them; `laterWave`, that comes later; `notPlanned`, of a retirement: it needs what would go, and stays.
 */
export const ITEM_ORDERS = ['ordered', 'cycle', 'laterWave', 'notPlanned'] as const;
export type ItemOrder = (typeof ITEM_ORDERS)[number];

/** One item more than this, and the campaign pauses. */
export type CampaignBudget = { maxFailures: number; maxUnhealthy: number };

/** Why a campaign is paused. */
export type PauseReason = { code: 'asked' | 'failures' | 'unhealthy'; by: string | null };

/** A condition that a checker has set on the wave at work. A gate that names its type stays shut until the status is `True`. */
export type WaveCondition = { status: 'True' | 'False'; message: string; by: string; at: string };

/** An item as the digest of a plan covers it. */
export interface DigestedItem {
  packageId: string;
  wave: number | null;
  tree: string;
  resultTree: string | null;
  toRevisionId: string | null;
  waitsFor: readonly { packageId: string; order: ItemOrder }[];
}

/**
 * The digest that people approve. It covers each tree that the campaign would publish, in which wave and behind which others, and the
 * settings of waves and budget.
 */
export function planDigestOf(
  facts: {
    change: CampaignChange;
    budget: CampaignBudget;
    waves: readonly WaveSettings[];
    orderByDependencies: boolean;
  },
  items: readonly DigestedItem[],
): string {
  const { change, budget, waves, orderByDependencies } = facts;
  const covered = items
    .map(({ packageId, wave, tree, resultTree, toRevisionId }) => [packageId, tree, resultTree, toRevisionId, wave])
    .sort(([one = ''], [other = '']) => (String(one) < String(other) ? -1 : 1));
  const order = items.map(({ packageId, waitsFor }) => [
    packageId,
    waitsFor.map((each) => `${each.packageId} ${each.order}`).sort(),
  ]);
  // A campaign without an order has the digest that it had before there were any.
  const ordered = orderByDependencies ? [order.sort(([one], [other]) => (String(one) < String(other) ? -1 : 1))] : [];
  return hash('sha256', canonical([change, budget, waves, covered, ...ordered]), 'hex');
}

/** JSON in which the order of keys says nothing: the database keeps none. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );

/**
 * The wave of each item, in the order of the items; null: no wave takes it. `matches`: for each wave, which items its selector
 * matches. A share is one of all items, rounded up.
 */
export function wavesOf(
  count: number,
  waves: readonly WaveSettings[],
  matches: (item: number, wave: number) => boolean,
): (number | null)[] {
  const taken: (number | null)[] = Array.from({ length: count }, () => null);
  waves.forEach((wave, position) => {
    let room = wave.count ?? (wave.percent === undefined ? count : Math.ceil((count * wave.percent) / 100));
    for (let item = 0; item < count && room > 0; item += 1) {
      if (taken[item] !== null || (wave.labelSelector !== undefined && !matches(item, position))) continue;
      taken[item] = position;
      room -= 1;
    }
  });
  return taken;
}

const MOST_OF_NAME = 40;

/** The workspace of its drafts: the same whenever it is asked for. */
export function workspaceOf({ id, name }: { id: string; name: string }): string {
  const short = name.slice(0, MOST_OF_NAME).replace(/-+$/, '');
  return `${short}-${id.replaceAll('-', '').slice(-8)}`;
}

export const markOf = ({ id, name }: { id: string; name: string }, approvers: readonly string[]): CampaignMark => ({
  ...{ id, name },
  approvers: [...approvers],
});

/** How long the items that are left take at the pace of those that have ended, with the watching of each wave; null: nobody can tell. */
export function estimateOf(
  { startedAt, now }: { startedAt: Date; now: Date },
  { ended, left }: { ended: number; left: number },
  soakSeconds: number,
): Date | null {
  if (left === 0 || ended === 0) return null;
  const pace = (now.getTime() - startedAt.getTime()) / ended;
  return new Date(now.getTime() + pace * left + soakSeconds * 1000);
}
