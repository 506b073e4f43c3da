/** A file, symlink or submodule of a package, by the content that Git knows it by. */
export interface Entry {
  path: string;
  mode: string;
  oid: string;
}

const versionOf = (entry: Entry | undefined): string | undefined => entry && `${entry.mode} ${entry.oid}`;

const byPath = <T extends Entry>(entries: readonly T[]): Map<string, T> =>
  new Map(entries.map((entry) => [entry.path, entry]));

/** The paths whose content, mode or existence differs, sorted. */
export function changedPaths(before: readonly Entry[], now: readonly Entry[]): string[] {
  const [old, present] = [byPath(before), byPath(now)];
  return [...new Set([...old.keys(), ...present.keys()])]
    .filter((path) => versionOf(old.get(path)) !== versionOf(present.get(path)))
    .sort();
}

/** The paths of entries whose content is not kept at the same path, sorted. */
export function lostPaths(there: readonly Entry[], kept: readonly Entry[]): string[] {
  const stays = byPath(kept);
  return there.flatMap(({ path, oid }) => (stays.get(path)?.oid === oid ? [] : [path])).sort();
}

/**
 * Merges what two sides made of the same base, by whole files. `conflicts` are the paths that both changed, each in
 * another way, and those that would be a file on one side and a folder on the other; where there are any, `entries` is
 * no package.
 */
export function mergeEntries<T extends Entry>(
  base: readonly T[],
  ours: readonly T[],
  theirs: readonly T[],
): { entries: T[]; conflicts: string[] } {
  const [before, mine, other] = [byPath(base), byPath(ours), byPath(theirs)];
  const entries: T[] = [];
  const conflicts: string[] = [];
  for (const path of new Set([...mine.keys(), ...other.keys()])) {
    const [was, is, comes] = [before, mine, other].map((side) => versionOf(side.get(path)));
    if (is !== comes && is !== was && comes !== was) conflicts.push(path);
    const entry = is === was ? other.get(path) : mine.get(path);
    if (entry) entries.push(entry);
  }
  const files = new Set(entries.map(({ path }) => path));
  for (const { path } of entries) {
    const segments = path.split('/');
    const above = segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'));
    if (above.some((folder) => files.has(folder))) conflicts.push(path);
  }
  return { entries, conflicts: [...new Set(conflicts)].sort() };
}
