import type { FoundObject } from '../diff/object-pairs.js';
import { UNKNOWN } from '../diff/shape.js';
import { isMapping, isSame, type Mapping, toJson } from '../diff/values.js';
import { yamlText } from '../diff/yaml-text.js';
import type { DocumentReader } from './documents.js';
import type { ListDocument, ListTrio } from './list-trios.js';
import { type DecidedItem, type Decision, type Judge, mergeValues, SILENT } from './merge-values.js';
import { type MergedObject, says } from './merged-object.js';
import { mergedOrder } from './merged-order.js';
import type { ObjectTrio } from './object-trios.js';
import { mergedText } from './text-merge.js';

/** An object that is to be in a list, and what was decided of it. */
export interface ListedObject {
  trio: ObjectTrio;
  decision: Decision;
}

/**
 * A list after the merge of the objects in it; null: nothing is left of it. Its own fields are merged as those of any
 * object, and it stays where an object is to be in it.
 */
export function mergedList(
  list: ListTrio,
  listed: readonly ListedObject[],
  judge: Judge,
  reader: DocumentReader,
): MergedObject | null {
  const { base, ours, theirs } = list;
  const own = { base: ownFields(base), ours: ownFields(ours), theirs: ownFields(theirs) };
  const isKept = listed.length > 0 && (!own.ours || !own.theirs);
  const merged = isKept ? fieldsOf(own.ours ?? own.theirs) : mergeValues(own, UNKNOWN, judge);
  const host = ours ?? theirs;
  if (merged === null || !host) return null;
  const objects = inOrder(list, listed);
  const items = objects.map((object) => (ours ? withinThree(list, object) : within(host, object)));
  const decision = withItems(merged.take === 'fields' ? merged : fieldsOf(merged.value), items);
  const about = {
    trio: { base: base?.object, ours: ours?.object, theirs: theirs?.object },
    ...{ decision, file: list.file },
  };
  const whole = [ours, theirs].find(
    (side) => side && isTakenWhole(list, side) && says(side.read.text, decision.value, reader),
  );
  if (whole) return { ...about, text: whole.read.text, isRewritten: false };
  const [base_, theirs_] = ours ? [base?.read.source(), theirs?.read.source()] : [];
  const text = mergedText({ ours: host.read.source(), base: base_, theirs: theirs_ }, decision);
  if (!says(text, decision.value, reader))
    return { ...about, text: yamlText(toJson(decision.value)), isRewritten: true };
  return {
    ...about,
    text,
    isRewritten: items.some((item) => item.ours === undefined && item.decision.take === 'written'),
  };
}

/** The text of a list of which one object after the other has another value; null: it cannot be changed so that it says that. */
export function patchedList(list: ListDocument, patches: readonly Decision[], reader: DocumentReader): string | null {
  const items = patches.map((decision, at) => ({ base: at, ours: at, theirs: undefined, decision }));
  const decision = withItems(fieldsOf(ownFields(list)), items);
  const source = list.read.source();
  const text = mergedText({ ours: source, base: source, theirs: undefined }, decision);
  return says(text, decision.value, reader) ? text : null;
}

const ITEMS = 'items';

/** The fields of a list but for its objects. */
const ownFields = (list: ListDocument | undefined): Mapping | undefined =>
  list && new Map([...list.object.value].filter(([key]) => key !== ITEMS));

type Fields = Decision & { take: 'fields' };

/** All fields as they are. */
function fieldsOf(value: unknown): Fields {
  const own = isMapping(value) ? value : new Map<string, unknown>();
  const fields = new Map([...own].map(([key, field]): [string, Decision] => [key, { take: 'ours', value: field }]));
  return { take: 'fields', value: own, fields, isGuarded: false };
}

function withItems({ value, fields }: Fields, items: readonly DecidedItem[]): Fields {
  const values = items.map(({ decision }) => decision.value);
  const decided: Decision = {
    take: 'items',
    value: values,
    items,
    isGuarded: items.some(({ decision }) => decision.isGuarded),
  };
  return {
    ...{ take: 'fields', isGuarded: decided.isGuarded },
    value: new Map([...value, [ITEMS, values]]),
    fields: new Map([...fields, [ITEMS, decided]]),
  };
}

/** Whether the other side has the list like this one, or as it was, or not at all. */
function isTakenWhole({ base, ours, theirs }: ListTrio, side: ListDocument): boolean {
  const other = side === ours ? theirs : ours;
  return !other || [base, side].some((list) => other.read.text === list?.read.text);
}

/** As {@link mergedOrder} has it. */
function inOrder({ base, ours, theirs }: ListTrio, listed: readonly ListedObject[]): ListedObject[] {
  const known = new Map<FoundObject, ListedObject>();
  for (const object of listed) {
    for (const side of [object.trio.base, object.trio.ours, object.trio.theirs]) if (side) known.set(side, object);
  }
  const ids = (list: ListDocument | undefined): ListedObject[] =>
    (list?.items ?? []).flatMap((item) => known.get(item) ?? []);
  return mergedOrder(ids(base), ids(ours), ids(theirs), () => true);
}

/** An object of a list that ours has. */
function withinThree({ base, ours, theirs }: ListTrio, { trio, decision }: ListedObject): DecidedItem {
  const at = { base: placeIn(base, trio.base), ours: placeIn(ours, trio.ours), theirs: placeIn(theirs, trio.theirs) };
  const isTheirs = trio.theirs !== undefined && at.theirs !== undefined && isSame(trio.theirs.value, decision.value);
  const isThere = at.ours !== undefined || isTheirs;
  return { ...at, decision: isThere ? decision : anew(decision.value) };
}

/** An object of a list that only this version has. */
function within(host: ListDocument, { trio, decision }: ListedObject): DecidedItem {
  const there = trio.theirs;
  const at = { base: undefined, ours: placeIn(host, there), theirs: undefined };
  const patch = there && at.ours !== undefined ? patchOf(there.value, decision.value) : null;
  return { ...at, decision: patch ?? anew(decision.value) };
}

/** Of an object that comes from somewhere else: its text is not that of the list of theirs, though ours has not changed the list. */
const anew = (value: unknown): Decision => ({ take: 'written', value, isGuarded: true });

const patchOf = (from: unknown, to: unknown): Decision | null =>
  mergeValues({ base: from, ours: from, theirs: to }, UNKNOWN, SILENT);

const placeIn = (list: ListDocument | undefined, object: FoundObject | undefined): number | undefined =>
  object && list?.places.get(object);
