import type { UpgradeRecord } from './upgrade.js';

/** Value shapes of a package revision that are stored as JSON and shown as they are. */

/** How a revision came to be. `discovered`: found in Git without a record of its origin. */
export type RevisionSource =
  | { type: 'init'; description?: string; keywords?: string[] }
  | { type: 'clone' }
  | { type: 'copy'; revision: string }
  /** Of what the ref held at this commit. */
  | { type: 'copy'; commit: string }
  /** The revision named here, brought to another revision of its upstream. */
  | ({ type: 'upgrade'; revision: string } & UpgradeRecord)
  | { type: 'discovered' };

/**
 * The content a package was cloned from, pinned. `ref` is short: a tag such as `nf/example/v3`, or a branch.
 * `commit` and `tree` are null where only a hand-written `Kptfile` tells of the upstream.
 */
export interface Upstream {
  url: string;
  directory: string;
  ref: string;
  commit: string | null;
  tree: string | null;
  /** It was read at its place in Git, not taken from the index: nothing here says what is published there. */
  fromGit?: true;
}

/**
 * An upstream as callers see it. Which revision here one is that was read in Git nobody is told: whoever cloned it may not
 * know that there is one.
 */
export const shownUpstream = ({ fromGit, ...upstream }: Upstream, revisionId: string | null) => ({
  ...upstream,
  revisionId: fromGit ? null : revisionId,
});

/** As Kubernetes writes conditions (a type, so that it counts as JSON). Times are RFC 3339 UTC. */
export type Condition = {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastTransitionTime: string;
  /** The content it was set for; undefined: it is about the resource whatever it holds. */
  tree?: string;
};

/** The decisions on a revision that its author has to learn of. */
export const DECISIONS = ['approve', 'reject', 'withdraw', 'propose-deletion', 'reject-deletion'] as const;

/** What was decided last on a revision, and why. `at` is RFC 3339 UTC. */
export type Decision = {
  by: string;
  at: string;
  action: (typeof DECISIONS)[number];
  comment: string | null;
};

/** That a revision was published without what its repository's policy asks for. `at` is RFC 3339 UTC. */
export type BreakGlass = {
  by: string;
  reason: string;
  at: string;
};
