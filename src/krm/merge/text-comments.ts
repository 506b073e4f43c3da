import { columnAt, type Entry, type Source } from './text-entries.js';

/** An entry of a text. */
export interface Placed {
  source: Source;
  entry: Entry;
}

/** The comments that belong to an entry, each without what is around it; '' where there is none. */
export interface Comments {
  /** The lines above it, without their indentation. */
  above: string;
  /** On the line of its key or dash, where its value is on the lines below. */
  label: string;
  /** Behind its value. */
  behind: string;
}

const COMMENT = /(?:^|[ \t])(#[^\r\n]*)/;

export function commentsOf({ source: { text }, entry }: Placed): Comments {
  const lineStart = text.lastIndexOf('\n', entry.at - 1) + 1;
  const above = entry.start < lineStart ? text.slice(entry.start, lineStart) : '';
  return {
    above: [...above.matchAll(/^[ \t]*(#[^\r\n]*)/gm)].map(([, comment]) => comment).join('\n'),
    label: COMMENT.exec(gapOf(text, entry))?.[1] ?? '',
    behind: behindOf(text, entry),
  };
}

/** What is between an entry's label and its value; of a block on the lines below: what is on the line of the label. */
const gapOf = (text: string, { label, value }: Entry): string => text.slice(label, gapEnd(text, label, value.start));

function gapEnd(text: string, label: number, start: number): number {
  const lineBreak = /\r?\n/.exec(text.slice(label, start))?.index;
  return lineBreak === undefined ? start : label + lineBreak;
}

function behindOf(text: string, entry: Entry): string {
  // What ends a block is behind the last value in it.
  const isBlock = (entry.value.pairs ?? entry.value.items) !== null && !entry.value.isFlow;
  if (isBlock || /^[|>]/.test(text.charAt(entry.value.start))) return '';
  const lineEnd = text.indexOf('\n', entry.end);
  const rest = text.slice(entry.end, lineEnd < 0 ? entry.stop : lineEnd);
  return /^[ \t]*(#[^\r\n]*)/.exec(rest)?.[1] ?? '';
}

/** Of a comment in three versions: theirs where only they have changed it, else ours. */
export function mergedComment(kind: keyof Comments, ours: Comments, base?: Comments, theirs?: Comments): string {
  if (base === undefined || theirs === undefined) return ours[kind];
  return ours[kind] === base[kind] ? theirs[kind] : ours[kind];
}

/** What stands above an entry, with other comments where they are not its own. */
export function withCommentsAbove(
  { text }: Source,
  entry: Entry,
  [own, merged]: readonly [string, string],
  lineBreak: string,
): string {
  const raw = text.slice(entry.start, entry.at);
  if (own === merged || entry.start === entry.at) return raw;
  const indent = ' '.repeat(columnAt(text, entry.at));
  const lines = merged === '' ? [] : merged.split('\n').map((line) => indent + line + lineBreak);
  const blank = /^(?:[ \t]*\r?\n)*/.exec(raw)?.[0] ?? '';
  return blank + lines.join('') + indent;
}

/** What follows the value on its line, and the lines that belong to the entry. `region`: what stands behind its label now. */
export function withCommentBehind(
  { text }: Source,
  entry: Entry,
  [own, merged]: readonly [string, string],
  region: string,
): string {
  const isSame = region === text.slice(entry.label, entry.end);
  if (own === merged && (isSame || !region.includes('\n'))) return text.slice(entry.end, entry.stop);
  const lineEnd = text.indexOf('\n', entry.end);
  const stop = lineEnd < 0 || lineEnd >= entry.stop ? entry.stop : lineEnd + 1;
  const line = text.slice(entry.end, stop);
  const ending = /\r?\n$/.exec(line)?.[0] ?? '';
  const space = /^[ \t]*(?=#)/.exec(line)?.[0] || ' ';
  // A comment behind the last line of several would be part of a text, or belong to another value.
  const comment = merged === '' || region.includes('\n') ? '' : space + merged;
  return comment + ending + text.slice(stop, entry.stop);
}

/** A text behind a label with this comment on the line of the label. */
export function withLabelComment(region: string, source: string, entry: Entry, comment: string): string {
  const length = gapEnd(source, entry.label, entry.value.start) - entry.label;
  const isOnItsLine = entry.label + length === entry.value.start;
  if (isOnItsLine) return region;
  const gap = region.slice(0, length).replace(/[ \t]*#.*$/, '');
  return gap + (comment === '' ? '' : ` ${comment}`) + region.slice(length);
}
