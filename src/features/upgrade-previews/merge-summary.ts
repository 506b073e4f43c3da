import type { LookedAt } from '../../content/merges.js';

/** How much a merge has told of (a type, so that it counts as JSON). */
export type MergeSummary = { taken: number; kept: number; conflicts: number; open: number };

export const summaryOf = ({ taken, kept, conflicts }: LookedAt): MergeSummary => ({
  ...{ taken: taken.length, kept: kept.length, conflicts: conflicts.length },
  open: conflicts.filter(({ resolution }) => resolution === null).length,
});
