import type { Collection, Entry } from './text-entries.js';

/** The text of an entry after the merge; null: ours does not have it. */
export interface Part {
  entry: Entry | null;
  text: string;
}

/** The entries of a collection of ours after the merge, put together as it does that. */
export const joinedParts = (text: string, ours: Collection, parts: readonly Part[], lineBreak: string): string =>
  ours.isFlow ? flow(text, ours, parts) : block(text, ours, parts, lineBreak);

/** Entries of a block, of which the first may stand behind a label. Each part is whole lines but for its own first line. */
function block(text: string, ours: Collection, parts: readonly Part[], lineBreak: string): string {
  const [first] = ours.entries;
  const indent = ' '.repeat(ours.column);
  const isOpenEnded = !text.slice(ours.start, ours.stop).endsWith('\n');
  const lines = parts
    .map(({ entry, text: own }, index) => {
      const isInline = entry === first && ours.isInline;
      const goesInline = index === 0 && ours.isInline;
      const placed = isInline === goesInline ? own : goesInline ? own.trimStart() : indent + own;
      return placed.endsWith('\n') ? placed : placed + lineBreak;
    })
    .join('');
  // A file that does not end with a line break goes on like that.
  return isOpenEnded ? lines.replace(/\r?\n$/, '') : lines;
}

function flow(text: string, ours: Collection, parts: readonly Part[]): string {
  const { entries } = ours;
  const isSameSet = parts.length === entries.length && parts.every(({ entry }, at) => entry === entries[at]);
  const [first, second] = entries;
  const usual = first && second ? text.slice(first.stop, second.start) : ', ';
  return parts
    .map((part, at) => {
      const before = entries[at - 1];
      const own = isSameSet && before && part.entry ? text.slice(before.stop, part.entry.start) : usual;
      return at === 0 ? part.text : own + part.text;
    })
    .join('');
}
