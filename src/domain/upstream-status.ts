/**
 * How what a package was made from stands beside what is published there. `upToDate`: nothing newer is. `behind`: something
 * is. `diverged`: what it was made from is not what that revision holds now, or was a head that no publication equals.
 * `gone`: the package or the revision is not there any more. `none`: it was made from nothing. `unknown`: nobody here can
 * tell, as of a place in Git that is not registered.
 */
export const UPSTREAM_STATES = ['upToDate', 'behind', 'diverged', 'gone', 'none', 'unknown'] as const;
export type UpstreamState = (typeof UPSTREAM_STATES)[number];

export interface NamedRevision {
  revisionId: string;
  revision: string;
}

/** As a caller sees it: who may not see the upstream package sees the state alone. */
export interface UpstreamStatus {
  state: UpstreamState;
  /** How many published versions are newer; null where that cannot be told. */
  behind: number | null;
  /** The publication that it was made from; null where there is none, or not any more. */
  current: NamedRevision | null;
  newest: NamedRevision | null;
}

/** The same, with where the upstream package is. */
export interface StoredUpstreamStatus extends UpstreamStatus {
  repositoryId: string | null;
  path: string | null;
}

export const NO_UPSTREAM: UpstreamStatus = { state: 'none', behind: null, current: null, newest: null };
