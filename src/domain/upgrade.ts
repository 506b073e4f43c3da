/** kpt's names for the ways to take a new upstream. */
export const UPGRADE_STRATEGIES = ['resource-merge', 'fast-forward', 'force-delete-replace', 'copy-merge'] as const;
export type UpgradeStrategy = (typeof UPGRADE_STRATEGIES)[number];

/** The three versions of a merge: what ours was made from, ours, and what it is brought to. */
export const MERGE_SIDES = ['base', 'ours', 'theirs'] as const;
export type MergeSide = (typeof MERGE_SIDES)[number];

/** The revision that a package is to be brought to: a published one, or the newest of the package that it was made from. */
export type NewUpstream = { revisionId: string } | 'newest';

/** What is taken of a conflict, as people say it; `absent`: it is not to be there. Only with `value` there is a value: any YAML. */
export interface Resolution {
  take: MergeSide | 'value' | 'absent';
  value?: unknown;
}

/** What is taken of all conflicts of a class, or of all the others. */
export interface DefaultResolution {
  all?: MergeSide | undefined;
  classes?: Record<string, MergeSide> | undefined;
}

/** What a commit remembers of how conflicts were settled: which side was taken of each, by the conflict's id. */
export type ResolvedConflicts = Record<string, Resolution['take']>;

/** A package's change (a type, so that it counts as JSON) from one revision of its upstream to another. Refs are short, as in {@link Upstream}. */
export type UpgradeRecord = {
  from: string;
  to: string;
  strategy: UpgradeStrategy;
  resolutions: ResolvedConflicts;
};
