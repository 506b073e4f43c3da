import { mayHoldSecret } from './secrets.js';
import { Stopwatch } from './text-patch.js';
import { type EntryPair, pairEntries, textOf, type TreeEntry } from './tree-files.js';
import { unifiedDiff } from './unified-diff.js';

/** A unified diff is no longer than this: one that is cut is of no use. */
const LONGEST = 16 * 1024 * 1024;

/**
 * What `git apply` makes the one version of a package of that the other is, byte for byte. What it cannot tell stands before
 * it as comments, which `git apply` skips. Null: it would be too long.
 */
export function patchTrees(from: readonly TreeEntry[], to: readonly TreeEntry[], showsSecrets: boolean): string | null {
  const watch = new Stopwatch();
  const comments: string[] = [];
  const parts: string[] = [];
  let length = 0;
  for (const pair of pairEntries(from, to)) {
    const reason = unsaid(pair, showsSecrets);
    if (reason === null) parts.push(unifiedDiff(pair, watch));
    else comments.push(`# ${JSON.stringify((pair.to ?? pair.from)?.path)} is left out: ${reason}\n`);
    length += parts.at(-1)?.length ?? 0;
    if (length > LONGEST) return null;
  }
  return [...comments, ...parts].join('');
}

/** Why a pair cannot be told; null: it can. */
function unsaid({ from, to }: EntryPair, showsSecrets: boolean): string | null {
  const entries = [from, to].filter((entry) => entry !== undefined);
  if (entries.some(({ path }) => !isApplicable(path))) return 'git apply takes no such path.';
  if (entries.some(({ content, mode }) => content === null && mode !== '160000'))
    return 'its content is not known here.';
  const hides =
    !showsSecrets && entries.some(({ content }) => mayHoldSecret(textOf(content ?? new Uint8Array()) ?? ''));
  return hides ? 'it holds a Secret, whose values only those see who may edit both revisions.' : null;
}

const isApplicable = (path: string): boolean => path.split('/').every((name) => !/^(?:|\.|\.\.|\.git)$/i.test(name));
