import type { Upstream } from './revision.js';

/** A directory of a repository that nobody needs to have registered, at a tag or branch (a type, so that it counts as JSON). */
export type GitPlace = {
  /** The normalised URL that Git connects to. */
  url: string;
  /** A tag, or one below the directory's name (`v1` is `nf/core/v1` where there is such a tag), or else a branch. */
  ref: string;
  /** Empty for the whole of the repository. */
  directory: string;
  credentialId: string | null;
};

/** The package that a worker has read at a place, pinned by commit and tree. */
export type ReadPlace = Upstream & { commit: string; tree: string; fromGit: true };
