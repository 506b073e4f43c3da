/** kpt's names for the ways to take a new upstream. */
export const UPGRADE_STRATEGIES = ['resource-merge', 'fast-forward', 'force-delete-replace', 'copy-merge'] as const;
export type UpgradeStrategy = (typeof UPGRADE_STRATEGIES)[number];

/** The three versions of a merge: what ours was made from, ours, and what it is brought to. */
export const MERGE_SIDES = ['base', 'ours', 'theirs'] as const;
export type MergeSide = (typeof MERGE_SIDES)[number];

/** What a commit remembers of how conflicts were settled: which side was taken of each, by the conflict's id. */
export type ResolvedConflicts = Record<string, MergeSide | 'value' | 'absent'>;

/** A package's change (a type, so that it counts as JSON) from one revision of its upstream to another. Refs are short, as in {@link Upstream}. */
export type UpgradeRecord = {
  from: string;
  to: string;
  strategy: UpgradeStrategy;
  resolutions: ResolvedConflicts;
};
