/** Which Git ref means what. `directory` is the package's folder in the Git tree; `workspace` and `revision` have no `/`. */

export const HEADS = 'refs/heads/';
export const TAGS = 'refs/tags/';

export type DraftPrefix = 'drafts' | 'proposed';

export type RefMeaning =
  | { kind: 'tag'; directory: string; revision: string }
  | { kind: DraftPrefix; directory: string; workspace: string }
  | { kind: 'deletionProposed'; directory: string; revision: string }
  /** Any other branch; `directory`/`workspace` are those of a draft in pkgserver's own dialect (`F/W`), where it has a `/`. */
  | { kind: 'branch'; directory: string | null; workspace: string };

export const draftRef = (directory: string, workspace: string): string => `${HEADS}drafts/${directory}/${workspace}`;
export const proposedRef = (directory: string, workspace: string): string =>
  `${HEADS}proposed/${directory}/${workspace}`;
export const deletionProposedRef = (directory: string, revision: string): string =>
  `${HEADS}deletionProposed/${directory}/${revision}`;
export const tagRef = (directory: string, revision: string): string => `${TAGS}${directory}/${revision}`;
export const branchRef = (name: string): string => `${HEADS}${name}`;

/** A ref name without `refs/heads/` or `refs/tags/`, as people write it. */
export function shortRef(ref: string): string {
  const space = [HEADS, TAGS].find((prefix) => ref.startsWith(prefix));
  return space === undefined ? ref : ref.slice(space.length);
}

/**
 * Reads a full ref name by whole segments (never by substring). Null for refs that mean nothing here:
 * other namespaces, and tags without a `/` (no package can be at the root).
 */
export function readRef(ref: string): RefMeaning | null {
  if (ref.startsWith(TAGS)) {
    const [directory, revision] = splitLeaf(ref.slice(TAGS.length));
    return directory === null ? null : { kind: 'tag', directory, revision };
  }
  if (!ref.startsWith(HEADS)) return null;
  const branch = ref.slice(HEADS.length);
  const [first, rest] = splitFirst(branch);
  if (rest !== null && (first === 'drafts' || first === 'proposed' || first === 'deletionProposed')) {
    const [directory, leaf] = splitLeaf(rest);
    if (directory !== null) {
      return first === 'deletionProposed'
        ? { kind: first, directory, revision: leaf }
        : { kind: first, directory, workspace: leaf };
    }
  }
  const [directory, workspace] = splitLeaf(branch);
  return { kind: 'branch', directory, workspace };
}

function splitLeaf(name: string): [string | null, string] {
  const at = name.lastIndexOf('/');
  return at < 0 ? [null, name] : [name.slice(0, at), name.slice(at + 1)];
}

function splitFirst(name: string): [string, string | null] {
  const at = name.indexOf('/');
  return at < 0 ? [name, null] : [name.slice(0, at), name.slice(at + 1)];
}
