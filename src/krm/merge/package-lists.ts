import type { FoundObject } from '../diff/object-pairs.js';
import { isMapping, isSame, toJson } from '../diff/values.js';
import { yamlText } from '../diff/yaml-text.js';
import { MERGE_SIDES } from '../../domain/upgrade.js';
import type { DocumentReader, ReadText } from './documents.js';
import { type ListDocument, type ListTrio, matchLists } from './list-trios.js';
import type { Decision } from './merge-values.js';
import { type MergedObject, textOfMerged } from './merged-object.js';
import type { ObjectFiles } from './merged-file.js';
import type { ListedObject } from './merged-list.js';
import type { ObjectTrio } from './object-trios.js';
import { collectionOf } from './text-entries.js';
import { movedLines } from './text-moves.js';

/** The lists in the files of a package, and what is to be in them. */
export class PackageLists {
  readonly all: readonly ListTrio[];
  private readonly holding = new Map<FoundObject, { list: ListTrio; document: ListDocument }>();
  private readonly listed = new Map<ListTrio, ListedObject[]>();

  constructor(
    files: ReadonlyMap<string, ObjectFiles>,
    private readonly reader: DocumentReader,
  ) {
    this.all = matchLists(files);
    for (const list of this.all) {
      for (const side of MERGE_SIDES) {
        const document = list[side];
        for (const item of document?.items ?? []) if (document) this.holding.set(item, { list, document });
      }
    }
  }

  /** The list that an object is in. */
  of(object: FoundObject | undefined): ListTrio | undefined {
    return object && this.holding.get(object)?.list;
  }

  add(list: ListTrio, object: ListedObject): void {
    const others = this.listed.get(list);
    if (others) others.push(object);
    else this.listed.set(list, [object]);
  }

  objectsOf(list: ListTrio): readonly ListedObject[] {
    return this.listed.get(list) ?? [];
  }

  /** The text of a document of its own, of an object that is in a list in one of the versions. `textOf`: of one that is in none. */
  textOutside(
    trio: ObjectTrio,
    decision: Decision,
    textOf: (object: FoundObject) => ReadText | undefined,
  ): Pick<MergedObject, 'text' | 'isRewritten'> {
    const sides = [trio.ours, trio.theirs, trio.base].flatMap((side) => side ?? []);
    const texts = new Map(sides.map((side) => [side, textOf(side) ?? this.ownText(side)]));
    if ([...texts.values()].every((text) => text !== undefined) && isTyped(decision.value)) {
      return textOfMerged(trio, decision, (side) => texts.get(side), this.reader);
    }
    const asDecided = sides.find((side) => textOf(side) && isSame(side.value, decision.value));
    const text = asDecided && textOf(asDecided)?.text;
    if (text !== undefined) return { text, isRewritten: false };
    return { text: yamlText(toJson(typed(decision.value, trio))), isRewritten: true };
  }

  /** An item of a list as a document of its own; undefined: by itself it does not mean the same. */
  private ownText(object: FoundObject): ReadText | undefined {
    const found = this.holding.get(object);
    const text = found && textOfItem(found.document, object);
    const read = text === undefined ? null : this.reader.readText(text);
    return read?.found && isSame(read.found.value, object.value) ? read : undefined;
  }
}

const COMMENTS = /^[ \t]*(?:-[ \t]+)?(#[^\r\n]*)/gm;

function textOfItem({ read, places }: ListDocument, object: FoundObject): string | undefined {
  const source = read.source();
  const items = source.root.pairs?.findLast(({ key }) => key.text === 'items')?.value;
  const entry = items && collectionOf(source, items)?.entries[places.get(object) ?? -1];
  if (!entry) return undefined;
  const { text } = source;
  const { start, end } = entry.value;
  if (items.isFlow) return `${text.slice(start, end)}\n`;
  const lineBreak = /\r?\n/.exec(text)?.[0] ?? '\n';
  const comments = [...text.slice(entry.start, start).matchAll(COMMENTS)].map(([, comment]) => comment + lineBreak);
  const fromColumn = start - (text.lastIndexOf('\n', start - 1) + 1);
  const move = { fromColumn, toColumn: 0, lineBreak };
  return comments.join('') + movedLines(text.slice(start, entry.stop), move, { startsInline: true });
}

const isTyped = (value: unknown): boolean => isMapping(value) && value.has('apiVersion') && value.has('kind');

/** What says of itself what it is, as an item of a list of one kind need not. */
function typed(value: unknown, { base, ours, theirs }: ObjectTrio): unknown {
  const type = ours ?? theirs ?? base;
  if (!type || !isMapping(value)) return value;
  return new Map<string, unknown>([['apiVersion', type.apiVersion], ['kind', type.kind], ...value]);
}
