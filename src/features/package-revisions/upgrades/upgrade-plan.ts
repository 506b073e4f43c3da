import type { MergedContent, MergedTrees, MergeOptions } from '../../../content/merges.js';
import { DomainError } from '../../../domain/errors.js';
import type { Upstream } from '../../../domain/revision.js';
import type {
  DefaultResolution,
  NewUpstream,
  Resolution,
  ResolvedConflicts,
  UpgradeRecord,
  UpgradeStrategy,
} from '../../../domain/upgrade.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import type { PinnedRevision } from '../authoring/upstream.service.js';

/** How a package is to be brought to another revision of its upstream. */
export interface UpgradeChoice {
  upstream: NewUpstream;
  /** The folder of it that is brought there alone; null: all of it. */
  subpackage: string | null;
  strategy: UpgradeStrategy;
  /** Although the upstream is another package than the one that it was made from. */
  allowOtherPackage: boolean;
}

/** What is upgraded: a revision, or a folder of one that has an upstream of its own. */
export interface UpgradeSubject {
  name: string;
  upstream: Upstream;
  /** The published revision that the upstream names, while there is one. */
  madeFrom: RevisionRow | null;
  tree: string;
}

/** How its conflicts are settled. */
export interface Settlement {
  resolutions: Record<string, Resolution>;
  defaultResolution: DefaultResolution;
}

/** What an upgrade is about, before anything is merged. */
export interface UpgradePlan {
  from: Pick<UpgradeSubject, 'upstream' | 'madeFrom'>;
  to: PinnedRevision;
  trees: MergedTrees;
  strategy: UpgradeStrategy;
  options: Omit<MergeOptions, keyof Settlement>;
  /** Sentences for users. */
  warnings: string[];
}

/** Conflicts that a refusal shows. */
const SHOWN = 20;

/** Throws `unresolvedConflicts` where one is open. */
export function assertSettled(name: string, conflicts: MergedContent['conflicts']): void {
  const open = conflicts.filter(({ resolution }) => resolution === null);
  if (open.length === 0) return;
  throw new DomainError(
    'unresolvedConflicts',
    `Both sides of "${name}" have changed the same in ${open.length === 1 ? 'one place' : `${open.length} places`}. Resolve them one by one, or give a default.`,
    {
      conflicts: open.slice(0, SHOWN).map(({ id, file, path, class: meaning }) => ({ id, file, path, class: meaning })),
      conflictCount: open.length,
    },
  );
}

/** What a commit remembers of an upgrade: values are in the content. */
export function recordOf(
  { from, to, strategy }: { from: { upstream: Upstream }; to: { upstream: Upstream }; strategy: UpgradeStrategy },
  conflicts: MergedContent['conflicts'],
): UpgradeRecord {
  const settled = conflicts.flatMap(({ id, resolution }) => (resolution ? [[id, resolution.take] as const] : []));
  const resolutions: ResolvedConflicts = Object.fromEntries(settled);
  return { from: from.upstream.ref, to: to.upstream.ref, strategy, resolutions };
}
