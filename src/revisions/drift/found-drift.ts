import type { DriftKind } from '../../domain/drift.js';
import type { Upstream } from '../../domain/revision.js';

/** A commit, and who is behind it: `Name <address>`. */
export interface SeenCommit {
  commit: string;
  author: string;
  committer: string;
  committedAt: Date;
}

/** What Git holds: nothing of the commit where it cannot be read, and no tree where it holds nothing of the package. */
export type InGit = Partial<SeenCommit> & { tree?: string | null };

/** What the service held. */
export interface Held {
  commit?: string | null;
  tree?: string | null;
  revision?: string | null;
  workspace?: string | null;
  upstream?: Upstream | null;
}

/** Something that Git holds, or holds no more, and that the service did not write. */
export interface FoundDrift {
  kind: DriftKind;
  repositoryId: string;
  /** Of the package; null: it is about the repository as a whole. */
  path: string | null;
  /** The full name of the ref. */
  ref: string;
  /** The revision that it is about, where one is there. */
  revisionId: string | null;
  git: InGit;
  held: Held;
}

type Subject = Pick<FoundDrift, 'kind' | 'path' | 'ref'>;

/** What it is about, within a repository: what is found of the same thing later takes the place of what was found before. */
export function driftKey({ kind, path, ref }: Subject): string {
  switch (kind) {
    case 'headDiffers':
      return `head ${path ?? ''}`;
    case 'historyRewritten':
      return 'history';
    default:
      return ref;
  }
}
