import type { Place } from '../yaml-places.js';

/** A text, and the places of what is in it. */
export interface Source {
  text: string;
  root: Place;
}

/** A pair of a mapping, or an item of a list, with all that belongs to it in the text. */
export interface Entry {
  /** Of a pair; null: it is an item, or the key is no scalar. */
  key: string | null;
  /** Where the comments above it begin. Of the first on a line of another's label: as `at`. */
  start: number;
  /** Where its key or its dash is. */
  at: number;
  /** Behind its colon or its dash. */
  label: number;
  value: Place;
  /** Behind its value, without the line breaks that follow. */
  end: number;
  /** Behind its last line, and the comments that are further in than it. In brackets: as `end`. */
  stop: number;
}

/** A mapping or a list of which each entry can be written by itself. */
export interface Collection {
  entries: Entry[];
  isFlow: boolean;
  /** Where the label of the first stands in its line. */
  column: number;
  /** Whether its first entry is on the line of what holds it, as in `- name: x`. */
  isInline: boolean;
  start: number;
  stop: number;
}

/** The entries of a mapping or a list; null for anything else, one without entries, and keys that are written oddly. */
export function collectionOf({ text }: Source, place: Place): Collection | null {
  const entries = place.pairs ? pairsOf(text, place) : place.items ? itemsOf(text, place) : null;
  const [first] = entries ?? [];
  if (!entries || !first) return null;
  const { isFlow } = place;
  const stop = entries.at(-1)?.stop ?? first.stop;
  // What is in brackets may be one line of megabytes: where that begins is of no use to it.
  if (isFlow) return { entries, isFlow, column: 0, isInline: true, start: first.start, stop };
  const column = columnAt(text, first.at);
  const isInline = !isBlank(text.slice(text.lastIndexOf('\n', first.at - 1) + 1, first.at));
  tile(text, entries, isInline);
  return { entries, isFlow, column, isInline, start: first.start, stop: entries.at(-1)?.stop ?? first.stop };
}

function pairsOf(text: string, { pairs, isFlow }: Place): Entry[] | null {
  const entries: Entry[] = [];
  for (const { key, value } of pairs ?? []) {
    const colon = behindBlanks(text, key.end);
    if (key.text === null || text.charAt(colon) !== ':' || value.start <= colon) return null;
    const end = trimmed(text, colon + 1, value.end);
    const stop = isFlow ? end : lineStop(text, end);
    entries.push({ key: key.text, start: key.start, at: key.start, label: colon + 1, value, end, stop });
  }
  return entries;
}

function itemsOf(text: string, place: Place): Entry[] | null {
  const entries: Entry[] = [];
  for (const value of place.items ?? []) {
    if (place.isFlow) {
      const { start, end } = value;
      entries.push({ key: null, start, at: start, label: start, value, end, stop: end });
      continue;
    }
    const at = behindBlanks(text, entries.at(-1)?.stop ?? place.start);
    if (text.charAt(at) !== '-') return null;
    const label = at + 1;
    const own = value.start < label ? { ...value, start: label, end: label } : value;
    const end = trimmed(text, label, own.end);
    entries.push({ key: null, start: at, at, label, value: own, end, stop: lineStop(text, end) });
  }
  return entries;
}

/** Gives each entry of a block the lines above it, but for comments that are further in: those belong to the one before. */
function tile(text: string, entries: Entry[], isInline: boolean): void {
  for (const [index, entry] of entries.entries()) {
    if (index === 0 && isInline) continue;
    const lineStart = text.lastIndexOf('\n', entry.at - 1) + 1;
    const before = entries[index - 1];
    if (before === undefined) entry.start = commentsAbove(text, lineStart);
    else if (before.stop >= lineStart) entry.start = lineStart;
    else {
      before.stop = behindInnerComments(text, before.stop, lineStart, entry.at - lineStart);
      entry.start = before.stop;
    }
  }
}

/** Behind the last of the comment lines between two places that are further in than this column. */
function behindInnerComments(text: string, from: number, to: number, column: number): number {
  let start = from;
  for (let at = from; at < to;) {
    const next = text.indexOf('\n', at) + 1 || text.length;
    const indent = /^[ \t]*/.exec(text.slice(at, next))?.[0].length ?? 0;
    if (text.charAt(at + indent) === '#' && indent > column) start = next;
    at = next;
  }
  return start;
}

/** Where the comment lines begin that stand directly above a line. */
function commentsAbove(text: string, lineStart: number): number {
  let start = lineStart;
  while (start > 0) {
    const above = text.lastIndexOf('\n', start - 2) + 1;
    if (!/^[ \t]*#/.test(text.slice(above, start))) break;
    start = above;
  }
  return start;
}

const isBlank = (text: string): boolean => /^[ \t\ufeff]*$/.test(text);

/** How far a place is in its line. A byte order mark takes no room. */
export function columnAt(text: string, offset: number): number {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  return offset - lineStart - (text.charAt(lineStart) === '\ufeff' ? 1 : 0);
}

const [TAB, LINE_FEED, RETURN, SPACE, HASH] = [...'\t\n\r #'].map((character) => character.charCodeAt(0));

/** The first place behind white space and comments. */
function behindBlanks(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === HASH) at = (text.indexOf('\n', at) + 1 || text.length) - 1;
    else if (code !== SPACE && code !== LINE_FEED && code !== RETURN && code !== TAB) break;
  }
  return at;
}

function trimmed(text: string, start: number, end: number): number {
  let at = end;
  for (; at > start; at -= 1) {
    const code = text.charCodeAt(at - 1);
    if (code !== LINE_FEED && code !== RETURN) break;
  }
  return at;
}

/** Behind the line that a place is on. */
const lineStop = (text: string, end: number): number => text.indexOf('\n', end) + 1 || text.length;
