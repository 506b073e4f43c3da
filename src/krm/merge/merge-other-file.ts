import { mayHoldSecret } from '../diff/secrets.js';
import type { Stopwatch } from '../diff/text-patch.js';
import { type TreeEntry, textOf } from '../diff/tree-files.js';
import type { MergeSide } from '../../domain/upgrade.js';
import type { Choice } from './conflict.js';
import { mergeLines } from './merge-lines.js';
import type { MergeRecord } from './merge-record.js';
import type { Three } from './merge-values.js';
import type { MergedEntry } from './merged-file.js';
import { mergedMode } from './merged-mode.js';

/** Merges an entry that holds no objects: a text by its lines, anything else as a whole. Undefined: it is not in the result. */
export function mergeOtherFile(
  path: string,
  entries: Three<TreeEntry>,
  record: MergeRecord,
  watch: Stopwatch,
): MergedEntry | undefined {
  const { base, ours, theirs } = entries;
  if (isSameEntry(base, theirs) || isSameEntry(ours, theirs)) {
    if (!isSameEntry(base, ours)) note('kept', path, base, ours, record);
    return ours;
  }
  if (isSameEntry(base, ours)) {
    note('taken', path, base, theirs, record);
    return theirs;
  }
  const merged = base && ours && theirs ? mergedText(path, { base, ours, theirs }, record, watch) : null;
  if (merged) return merged;
  const [before, mine, other] = [base, ours, theirs].map(valueOf);
  const about = { of: 'file', object: null, file: path, steps: [], nth: 0, class: 'other', isSecret: false } as const;
  return chosen(record.settle({ ...about, base: before, ours: mine, theirs: other }) ?? 'ours', entries);
}

function chosen(choice: Choice, entries: Three<TreeEntry>): MergedEntry | undefined {
  if (typeof choice === 'string') return entries[choice];
  const entry = entries.ours ?? entries.theirs;
  if (!entry || choice.value === undefined) return undefined;
  return { ...entry, oid: null, content: Buffer.from(typeof choice.value === 'string' ? choice.value : '') };
}

function mergedText(
  path: string,
  entries: Record<MergeSide, TreeEntry>,
  record: MergeRecord,
  watch: Stopwatch,
): MergedEntry | null {
  const { base, ours, theirs } = entries;
  if (![base, ours, theirs].every(({ mode }) => mode.startsWith('100'))) return null;
  const mode = mergedMode(entries) ?? ours.mode;
  if (ours.oid === theirs.oid || base.oid === theirs.oid) return { ...ours, mode };
  if (base.oid === ours.oid) return { ...theirs, mode };
  const [before, mine, other] = [base, ours, theirs].map(({ content }) => (content === null ? null : textOf(content)));
  if (before == null || mine == null || other == null) return null;
  const isSecret = [before, mine, other].some(mayHoldSecret);
  const about = { of: 'lines', object: null, file: path, steps: [], class: 'other', isSecret } as const;
  const settle = (lines: { nth: number } & Record<MergeSide, string>) => record.settle({ ...about, ...lines });
  const merged = mergeLines({ base: before, ours: mine, theirs: other }, settle, watch);
  if (merged === null) return null;
  note('taken', path, base, theirs, record);
  note('kept', path, base, ours, record);
  return { ...ours, mode, oid: null, content: Buffer.from(merged) };
}

function note(
  what: 'taken' | 'kept',
  file: string,
  from: TreeEntry | undefined,
  to: TreeEntry | undefined,
  record: MergeRecord,
): void {
  record[what].push({ object: null, file, steps: [], from: valueOf(from), to: valueOf(to) });
}

export const isSameEntry = (a: TreeEntry | undefined, b: TreeEntry | undefined): boolean =>
  a?.oid === b?.oid && a?.mode === b?.mode;

const valueOf = (entry: TreeEntry | undefined): unknown =>
  entry && new Map(Object.entries({ oid: entry.oid, mode: entry.mode }));
