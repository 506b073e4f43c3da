import { binaryPatch } from './git-binary.js';
import { type Stopwatch, textHunks } from './text-patch.js';
import { type EntryPair, textOf, type TreeEntry } from './tree-files.js';

const NO_OID = '0'.repeat(40);
const EMPTY = new Uint8Array();

/** A unified diff of one pair of entries, which `git apply` takes: modes, symlinks and bytes included. */
export function unifiedDiff(pair: EntryPair, watch: Stopwatch): string {
  const { from, to } = pair;
  const entry = to ?? from;
  if (entry === undefined) return '';
  // A file that becomes a symlink is another thing: Git tells that as one gone and one new.
  if (from && to && from.mode.slice(0, 3) !== to.mode.slice(0, 3)) {
    return unifiedDiff({ from, to: undefined }, watch) + unifiedDiff({ from: undefined, to }, watch);
  }
  const name = entry.rawPath ?? Buffer.from(entry.path);
  const [a, b] = [quotedPath('a/', name), quotedPath('b/', name)] as const;
  const body = from?.oid === to?.oid ? '' : contentDiff(pair, [a, b], watch);
  return `diff --git ${a} ${b}\n${header(pair)}${body}`;
}

function header({ from, to }: EntryPair): string {
  const modes =
    from === undefined
      ? `new file mode ${to?.mode}\n`
      : to === undefined
        ? `deleted file mode ${from.mode}\n`
        : from.mode === to.mode
          ? ''
          : `old mode ${from.mode}\nnew mode ${to.mode}\n`;
  if (from?.oid === to?.oid) return modes;
  const mode = from && to && from.mode === to.mode ? ` ${to.mode}` : '';
  return `${modes}index ${from?.oid ?? NO_OID}..${to?.oid ?? NO_OID}${mode}\n`;
}

function contentDiff({ from, to }: EntryPair, [a, b]: readonly [string, string], watch: Stopwatch): string {
  const [before, after] = [contentOf(from), contentOf(to)];
  const [old, fresh] = [textOf(before), textOf(after)];
  if (old === null || fresh === null) return binaryPatch(before, after);
  const hunks = textHunks(old, fresh, watch);
  if (hunks === '') return '';
  const names = [from ? a : '/dev/null', to ? b : '/dev/null'].map((name) => (/\s/.test(name) ? `${name}\t` : name));
  return `--- ${names[0]}\n+++ ${names[1]}\n${hunks}`;
}

function contentOf(entry: TreeEntry | undefined): Uint8Array {
  if (entry?.mode === '160000') return Buffer.from(`Subproject commit ${entry.oid}\n`);
  return entry?.content ?? EMPTY;
}

const ESCAPES: Record<number, string> = {
  7: 'a',
  8: 'b',
  9: 't',
  10: 'n',
  11: 'v',
  12: 'f',
  13: 'r',
  34: '"',
  92: '\\',
};

/** A path as Git writes it: with quotes where it holds anything but plain characters. */
function quotedPath(side: string, path: Uint8Array): string {
  let isPlain = true;
  let text = '';
  for (const byte of path) {
    const escape = ESCAPES[byte];
    const plain = escape === undefined && byte >= 32 && byte < 127;
    if (!plain) isPlain = false;
    text += plain ? String.fromCharCode(byte) : `\\${escape ?? byte.toString(8).padStart(3, '0')}`;
  }
  return isPlain ? side + text : `"${side}${text}"`;
}
