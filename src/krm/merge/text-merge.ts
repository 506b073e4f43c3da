import { yamlScalar } from '../yaml-scalar.js';
import { type Decision, isEmptied } from './merge-values.js';
import { Followers } from './merged-order.js';
import {
  type Comments,
  commentsOf,
  mergedComment,
  withCommentBehind,
  withCommentsAbove,
  withLabelComment,
} from './text-comments.js';
import { type Collection, collectionOf, type Entry, type Source } from './text-entries.js';
import { movedLines, movedValue } from './text-moves.js';
import { joinedParts, type Part } from './text-parts.js';
import { flowValue, writtenItem, writtenValue } from './written-value.js';

/** The text of one document in the versions that have it. */
export interface Texts {
  ours: Source;
  base: Source | undefined;
  theirs: Source | undefined;
}

/**
 * The text of ours with what was decided: only what changes is written anew, in theirs' own words where it comes from
 * there. Whether it then says what was decided has to be seen by reading it: anchors may make it mean something else.
 */
export function mergedText(texts: Texts, decision: Decision): string {
  const { ours, base, theirs } = texts;
  const lineBreak = /\r?\n/.exec(ours.text)?.[0] ?? '\n';
  return new TextMerge(texts, lineBreak).root(
    decision,
    collectionOf(ours, ours.root),
    base && collectionOf(base, base.root),
    theirs && collectionOf(theirs, theirs.root),
  );
}

/** An entry of ours, and those that are the same one in the other versions. */
interface Trio {
  ours: Entry;
  base: Entry | undefined;
  theirs: Entry | undefined;
}

type Maybe<Value> = Value | null | undefined;

class TextMerge {
  constructor(
    private readonly texts: Texts,
    private readonly lineBreak: string,
  ) {}

  root(decision: Decision, ours: Collection | null, base: Maybe<Collection>, theirs: Maybe<Collection>): string {
    const { text } = this.texts.ours;
    if (!ours) return text;
    const body = this.collection(decision, ours, base, theirs);
    return this.rootHead(ours, base, theirs) + body + text.slice(ours.stop);
  }

  /** What stands above the first key: the remarks on the whole document. */
  private rootHead(ours: Collection, base: Maybe<Collection>, theirs: Maybe<Collection>): string {
    const head = (side: keyof Texts, found: Maybe<Collection>): string | undefined =>
      found ? this.texts[side]?.text.slice(0, found.start) : undefined;
    const [mine, before, other] = [head('ours', ours) ?? '', head('base', base), head('theirs', theirs)];
    return mine === before && other !== undefined ? other.replaceAll(/\r?\n/g, this.lineBreak) : mine;
  }

  private collection(decision: Decision, ours: Collection, base: Maybe<Collection>, theirs: Maybe<Collection>): string {
    const parts =
      decision.take === 'fields'
        ? this.pairs(decision, ours, base, theirs)
        : decision.take === 'items'
          ? this.items(decision, ours, base, theirs)
          : null;
    if (parts === null) return this.texts.ours.text.slice(ours.start, ours.stop);
    return joinedParts(this.texts.ours.text, ours, parts, this.lineBreak);
  }

  private pairs(
    { fields }: Decision & { take: 'fields' },
    ours: Collection,
    base: Maybe<Collection>,
    theirs: Maybe<Collection>,
  ): Part[] {
    const [mine, before, other] = [byKey(ours), byKey(base), byKey(theirs)];
    const incoming = new Followers<string | null, Part>();
    let last: string | null = null;
    for (const [key, decision] of fields) {
      if (mine.has(key)) last = key;
      // What ours has without a pair of its own is merged in by `<<`.
      else if (decision.take !== 'ours' && !(mine.has('<<') && !other.has(key))) {
        incoming.add(last, { entry: null, text: this.newEntry(decision, other.get(key), ours, theirs, key) });
      }
    }
    const parts = [...incoming.of(null)];
    for (const entry of ours.entries) {
      const key = entry.key ?? '';
      const isTheOne = mine.get(key) === entry;
      const trio = { ours: entry, base: before.get(key), theirs: other.get(key) };
      const decision = fields.get(key);
      // Of a key that is there twice the last counts; `<<` is a key of the text alone.
      if (decision && isTheOne) parts.push({ entry, text: this.entry(decision, trio, ours, theirs) });
      else if (decision) parts.push({ entry, text: this.slice(entry) });
      else if (key === '<<') parts.push({ entry, text: this.entry(KEEP, trio, ours, theirs) });
      if (isTheOne) for (const part of incoming.of(key)) parts.push(part);
    }
    return parts;
  }

  private items(
    { items }: Decision & { take: 'items' },
    ours: Collection,
    base: Maybe<Collection>,
    theirs: Maybe<Collection>,
  ): Part[] {
    const at = (found: Maybe<Collection>, index: number | undefined): Entry | undefined =>
      index === undefined ? undefined : found?.entries[index];
    return items.map((item) => {
      const [mine, before, other] = [at(ours, item.ours), at(base, item.base), at(theirs, item.theirs)];
      if (!mine) return { entry: null, text: this.newEntry(item.decision, other, ours, theirs, null) };
      return {
        entry: mine,
        text: this.entry(item.decision, { ours: mine, base: before, theirs: other }, ours, theirs),
      };
    });
  }

  private entry(decision: Decision, trio: Trio, ours: Collection, theirs: Maybe<Collection>): string {
    const [mine, before, other] = [
      this.slice(trio.ours),
      this.slice(trio.base, 'base'),
      this.slice(trio.theirs, 'theirs'),
    ];
    if (before !== null && other === before && decision.take !== 'written') return mine;
    const isBlock = !ours.isFlow && theirs != null && !theirs.isFlow;
    const isTheirs = decision.take !== 'written' && decision.isGuarded !== true;
    if (mine === before && trio.theirs && isBlock && isTheirs) {
      return this.taken(trio.theirs, ours, theirs, trio.ours === ours.entries[0] && ours.isInline);
    }
    return this.inParts(decision, trio, ours, theirs);
  }

  /** An entry of theirs, whole. */
  private taken(entry: Entry, ours: Collection, theirs: Collection, endsInline: boolean): string {
    const move = { fromColumn: theirs.column, toColumn: ours.column, lineBreak: this.lineBreak };
    const startsInline = theirs.isInline && entry === theirs.entries[0];
    return movedLines(this.slice(entry, 'theirs') ?? '', move, { startsInline, endsInline });
  }

  private newEntry(
    decision: Decision,
    entry: Entry | undefined,
    ours: Collection,
    theirs: Maybe<Collection>,
    key: string | null,
  ): string {
    if (entry && theirs && !ours.isFlow && !theirs.isFlow && decision.take !== 'written') {
      return this.taken(entry, ours, theirs, false);
    }
    const { value } = decision;
    if (!ours.isFlow) {
      const label = key === null ? '-' : `${yamlScalar(key)}:`;
      const write = key === null ? writtenItem : writtenValue;
      return ' '.repeat(ours.column) + label + write(value, ours.column, this.lineBreak) + this.lineBreak;
    }
    if (entry && theirs?.isFlow && decision.take !== 'written') return this.slice(entry, 'theirs') ?? '';
    const isJson = this.texts.ours.text.charAt(ours.start) === '"';
    const label = key === null ? '' : `${isJson ? JSON.stringify(key) : yamlScalar(key)}: `;
    return label + flowValue(value);
  }

  private inParts(decision: Decision, trio: Trio, ours: Collection, theirs: Maybe<Collection>): string {
    const { text } = this.texts.ours;
    const { ours: entry } = trio;
    if (ours.isFlow) return text.slice(entry.start, entry.label) + this.flowRegion(decision, trio, theirs);
    const comments = commentsOf({ source: this.texts.ours, entry });
    const commentsIn = (side: 'base' | 'theirs'): Comments | undefined => {
      const [source, found] = [this.texts[side], trio[side]];
      return source && found && commentsOf({ source, entry: found });
    };
    const [before, other] = [commentsIn('base'), commentsIn('theirs')];
    const merged = (kind: keyof Comments): string => mergedComment(kind, comments, before, other);
    const above = withCommentsAbove(this.texts.ours, entry, [comments.above, merged('above')], this.lineBreak);
    const region = this.region(decision, trio, ours, theirs, merged('label'));
    const isWhole = region.endsWith('\n');
    const rest = isWhole ? '' : withCommentBehind(this.texts.ours, entry, [comments.behind, merged('behind')], region);
    return above + text.slice(entry.at, entry.label) + region + rest;
  }

  /** What stands behind the label, up to the end of the value; whole lines where that is a block on lines of its own. */
  private region(decision: Decision, trio: Trio, ours: Collection, theirs: Maybe<Collection>, label: string): string {
    const { text } = this.texts.ours;
    const { ours: entry, theirs: other } = trio;
    const raw = text.slice(entry.label, entry.end);
    if (decision.take === 'theirs' && other && theirs && !theirs.isFlow) {
      const move = { fromColumn: theirs.column, toColumn: ours.column, lineBreak: this.lineBreak };
      const source = this.texts.theirs?.text ?? '';
      return withLabelComment(movedValue(source.slice(other.label, other.end), move), source, other, label);
    }
    if (decision.take === 'theirs' || decision.take === 'written') return this.written(decision.value, entry, ours);
    const own = collectionOf(this.texts.ours, entry.value);
    if (decision.take === 'ours') return withLabelComment(raw, text, entry, label);
    if (own === null || isEmptied(decision)) return this.written(decision.value, entry, ours);
    const inner = this.collection(decision, own, this.within('base', trio.base), this.within('theirs', other));
    if (own.isFlow) return text.slice(entry.label, own.start) + inner + text.slice(own.stop, entry.end);
    const gap = withLabelComment(text.slice(entry.label, own.start), text, entry, label);
    return gap + inner + text.slice(own.stop, entry.stop);
  }

  private flowRegion(decision: Decision, trio: Trio, theirs: Maybe<Collection>): string {
    const { text } = this.texts.ours;
    const { ours: entry, theirs: other } = trio;
    const lead = /^[ \t]*/.exec(text.slice(entry.label, entry.end))?.[0] ?? '';
    if (decision.take === 'ours') return text.slice(entry.label, entry.end);
    if (decision.take === 'theirs' && other && theirs?.isFlow) {
      return lead + (this.texts.theirs?.text.slice(other.label, other.end).trim() ?? '');
    }
    const own = collectionOf(this.texts.ours, entry.value);
    const isWhole = decision.take === 'theirs' || decision.take === 'written' || own === null || isEmptied(decision);
    if (isWhole) return (lead || (entry.key === null ? '' : ' ')) + flowValue(decision.value);
    const inner = this.collection(decision, own, this.within('base', trio.base), this.within('theirs', other));
    return text.slice(entry.label, own.start) + inner + text.slice(own.stop, entry.end);
  }

  private within(side: 'base' | 'theirs', entry: Entry | undefined): Collection | null | undefined {
    const source = entry && this.texts[side];
    return source && collectionOf(source, entry.value);
  }

  private written(value: unknown, entry: Entry, ours: Collection): string {
    return (entry.key === null ? writtenItem : writtenValue)(value, ours.column, this.lineBreak);
  }

  private slice(entry: Entry, side?: 'ours'): string;
  private slice(entry: Entry | undefined, side: 'base' | 'theirs'): string | null;
  private slice(entry: Entry | undefined, side: keyof Texts = 'ours'): string | null {
    const source = this.texts[side];
    return entry && source ? source.text.slice(entry.start, entry.stop) : null;
  }
}

const KEEP: Decision = { take: 'ours', value: undefined };

/** The pairs by their keys; of a key that is there twice the last. */
function byKey(found: Maybe<Collection>): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const entry of found?.entries ?? []) if (entry.key !== null) entries.set(entry.key, entry);
  return entries;
}
