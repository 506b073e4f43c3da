/** An entry of a package, with its bytes where they are known: a submodule has none. */
export interface TreeEntry {
  path: string;
  /** Git's: 100644, 100755, 120000 (symlink), 160000 (submodule). */
  mode: string;
  oid: string;
  content: Uint8Array | null;
  /** The path as Git has it, where that is no text; null: it is `path`. */
  rawPath: Uint8Array | null;
}

/** An entry in two versions of a package; undefined: it is not in that one. */
export interface EntryPair {
  from: TreeEntry | undefined;
  to: TreeEntry | undefined;
}

/** Pairs the entries of two versions by path, in the order of their paths; those that are the same in both are left out. */
export function pairEntries<Entry extends TreeEntry>(
  from: readonly Entry[],
  to: readonly Entry[],
): { from: Entry | undefined; to: Entry | undefined }[] {
  const before = new Map(from.map((entry) => [entry.path, entry]));
  const after = new Map(to.map((entry) => [entry.path, entry]));
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => (a < b ? -1 : 1));
  return paths
    .map((path) => ({ from: before.get(path), to: after.get(path) }))
    .filter((pair) => pair.from?.oid !== pair.to?.oid || pair.from?.mode !== pair.to?.mode);
}

const SNIFFED = 8_000;

/** The content as text; null: it is not UTF-8, or holds NUL characters. */
export function textOf(content: Uint8Array): string | null {
  if (content.subarray(0, SNIFFED).includes(0)) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}
