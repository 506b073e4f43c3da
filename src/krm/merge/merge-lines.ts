import { changedLines, type ChangedLines, type Stopwatch } from '../diff/text-patch.js';
import type { MergeSide } from '../../domain/upgrade.js';
import type { Choice } from './conflict.js';

/** A place of a text that both sides have changed, each in another way: the lines of the three versions. */
export interface LineConflict {
  nth: number;
  base: string;
  ours: string;
  theirs: string;
}

/**
 * Merges three versions of a text by lines, as `git merge-file` does: changes that touch each other are in conflict. Null:
 * the versions are so different that it would take too long.
 */
export function mergeLines(
  texts: Record<MergeSide, string>,
  settle: (conflict: LineConflict) => Choice | undefined,
  watch: Stopwatch,
): string | null {
  const [base, ours, theirs] = [texts.base, texts.ours, texts.theirs].map(linesOf);
  if (!base || !ours || !theirs) return null;
  const [mine, other] = [changedLines(base, ours, watch), changedLines(base, theirs, watch)];
  if (!mine || !other) return null;
  const merged: string[] = [];
  let [at, nth] = [0, 0];
  while (mine.length > 0 || other.length > 0) {
    const { start, end, left, right } = nextRegion(mine, other);
    merged.push(...base.slice(at, start));
    at = end;
    const [own, their] = [withHunks(base, start, end, left), withHunks(base, start, end, right)];
    const [before, ownText, theirText] = [base.slice(start, end).join(''), own.join(''), their.join('')];
    if (right.length === 0 || ownText === theirText) merged.push(...own);
    else if (left.length === 0) merged.push(...their);
    else {
      const conflict = { nth, base: before, ours: ownText, theirs: theirText };
      const choice = settle(conflict) ?? 'ours';
      nth += 1;
      merged.push(typeof choice === 'string' ? conflict[choice] : asText(choice.value));
    }
  }
  return [...merged, ...base.slice(at)].join('');
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Takes the hunks of both sides that overlap or touch one another. */
function nextRegion(
  mine: ChangedLines[],
  other: ChangedLines[],
): { start: number; end: number; left: ChangedLines[]; right: ChangedLines[] } {
  const start = Math.min(mine[0]?.start ?? Infinity, other[0]?.start ?? Infinity);
  const [left, right]: [ChangedLines[], ChangedLines[]] = [[], []];
  let end = start;
  for (let isGrowing = true; isGrowing;) {
    isGrowing = false;
    for (const [open, taken] of [
      [mine, left],
      [other, right],
    ] as const) {
      for (let hunk = open[0]; hunk && hunk.start <= end; hunk = open[0]) {
        end = Math.max(end, hunk.end);
        taken.push(hunk);
        open.shift();
        isGrowing = true;
      }
    }
  }
  return { start, end, left, right };
}

function withHunks(base: readonly string[], start: number, end: number, changes: readonly ChangedLines[]): string[] {
  const lines: string[] = [];
  let at = start;
  for (const hunk of changes) {
    lines.push(...base.slice(at, hunk.start), ...hunk.lines);
    at = hunk.end;
  }
  return [...lines, ...base.slice(at, end)];
}

/** The lines of a text with their line breaks. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
