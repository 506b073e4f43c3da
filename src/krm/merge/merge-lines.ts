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
  const changes = new Changes(mine, other);
  let merged = '';
  let [at, nth] = [0, 0];
  for (let region = changes.next(); region !== null; region = changes.next()) {
    const { start, end, left, right } = region;
    const lines = {
      base: base.slice(start, end).join(''),
      ours: withChanges(base, start, end, left),
      theirs: withChanges(base, start, end, right),
    };
    merged += base.slice(at, start).join('');
    at = end;
    if (right.length === 0 || lines.ours === lines.theirs) merged += lines.ours;
    else if (left.length === 0) merged += lines.theirs;
    else {
      const choice = settle({ nth, ...lines }) ?? 'ours';
      nth += 1;
      merged += typeof choice === 'string' ? lines[choice] : asText(choice.value);
    }
  }
  return merged + base.slice(at).join('');
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A stretch of base's lines, and what the sides have changed in it. */
interface Region {
  start: number;
  end: number;
  left: ChangedLines[];
  right: ChangedLines[];
}

/** The changes of both sides; those that overlap or touch one another come together. */
class Changes {
  private readonly at = { left: 0, right: 0 };

  constructor(
    private readonly left: readonly ChangedLines[],
    private readonly right: readonly ChangedLines[],
  ) {}

  /** Null: there are no more. */
  next(): Region | null {
    const [first, other] = [this.left[this.at.left], this.right[this.at.right]];
    if (!first && !other) return null;
    const start = Math.min(first?.start ?? Infinity, other?.start ?? Infinity);
    const region: Region = { start, end: start, left: [], right: [] };
    while (this.take('left', region) || this.take('right', region));
    return region;
  }

  private take(side: 'left' | 'right', region: Region): boolean {
    const change = this[side][this.at[side]];
    if (!change || change.start > region.end) return false;
    region.end = Math.max(region.end, change.end);
    region[side].push(change);
    this.at[side] += 1;
    return true;
  }
}

function withChanges(base: readonly string[], start: number, end: number, changes: readonly ChangedLines[]): string {
  let text = '';
  let at = start;
  for (const change of changes) {
    text += base.slice(at, change.start).join('') + change.lines.join('');
    at = change.end;
  }
  return text + base.slice(at, end).join('');
}

/** The lines of a text with their line breaks. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
