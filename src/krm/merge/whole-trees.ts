import { DomainError } from '../../domain/errors.js';
import { storableText } from '../../domain/storable-text.js';
import type { TreeEntry } from '../diff/tree-files.js';
import { KPTFILE } from '../kptfile.js';
import { PACKAGE_CONTEXT } from '../package-context.js';
import { type MergedTree, type MergeOptions, mergeTrees, type Versions } from './merge-trees.js';
import type { MergedEntry } from './merged-file.js';

/** Files that name the package: of these ours keeps what it says of itself, whatever the strategy. */
const NAMING = new Set<string>([KPTFILE, PACKAGE_CONTEXT]);

/**
 * What the strategies give that look at whole files: theirs in place of ours (`force-delete-replace`), or over ours, without
 * their deletions (`copy-merge`). They know no conflicts.
 */
export function replacedTree(
  { base, ours, theirs }: Versions,
  strategy: 'force-delete-replace' | 'copy-merge',
  options: MergeOptions,
): MergedTree {
  const naming = (entries: readonly TreeEntry[]) => entries.filter(({ path }) => NAMING.has(path));
  const named = mergeTrees(
    { base: naming(base), ours: naming(ours), theirs: naming(theirs) },
    { ...options, resolve: () => 'theirs' },
  );
  const others = (entries: readonly TreeEntry[]) => entries.filter(({ path }) => !NAMING.has(path));
  const kept = strategy === 'copy-merge' ? others(ours) : [];
  const files = new Map([...kept, ...others(theirs)].map((entry) => [entry.path, entry]));
  const entries = [...named.entries, ...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { entries, conflicts: [], taken: [], kept: [], warnings: [] };
}

/** Throws `invalidPackage` where one path would be a file and a folder. */
export function assertHolds(entries: readonly MergedEntry[]): void {
  const files = new Set(entries.map(({ path }) => path));
  for (const { path } of entries) {
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      if (!files.has(path.slice(0, slash))) continue;
      const name = storableText(path.slice(0, slash));
      throw new DomainError(
        'invalidPackage',
        `"${name}" would be a file of one side and a folder of the other. Rename it first.`,
      );
    }
  }
}
