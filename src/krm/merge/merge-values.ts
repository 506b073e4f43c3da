import type { Step } from '../diff/field-path.js';
import { type Items, itemsOf } from '../diff/list-items.js';
import type { Shape } from '../diff/shape.js';
import { isMapping, isSame, type Mapping } from '../diff/values.js';
import type { Choice } from './conflict.js';
import { isSameOrder, mergedOrder } from './merged-order.js';

/** What becomes of one value: as one side has it, as somebody wrote it, or decided part by part. */
export type Decision =
  | ({ take: 'ours' | 'theirs' | 'written'; value: unknown } & Partial<Guarded>)
  | ({ take: 'fields'; value: Mapping; fields: ReadonlyMap<string, Decision> } & Guarded)
  | ({ take: 'items'; value: readonly unknown[]; items: readonly DecidedItem[] } & Guarded);

interface Guarded {
  /** Whether it is, or there is in it, a field that is ours whatever theirs says. */
  isGuarded: boolean;
}

/** An item of a list, and its place in the lists of the three versions; undefined: it is not in that one. */
export interface DecidedItem {
  base: number | undefined;
  ours: number | undefined;
  theirs: number | undefined;
  decision: Decision;
}

/** One value in the three versions; undefined: it is not there. */
export interface Three<Value = unknown> {
  base: Value | undefined;
  ours: Value | undefined;
  theirs: Value | undefined;
}

/** What hears of every decision that is no matter of course, and settles what both have changed. */
export interface Judge {
  /** Only theirs has changed it. */
  taken(steps: readonly Step[], three: Three): void;
  /** Only ours has changed it. */
  kept(steps: readonly Step[], three: Three): void;
  /** Undefined: it is open, and stays as ours has it. */
  settle(steps: readonly Step[], three: Three): Choice | undefined;
  /** Whether the field is ours whatever theirs says. */
  isOurs(steps: readonly Step[]): boolean;
}

/** Takes what theirs has, and tells nobody: for texts that are to say something else. */
export const SILENT: Judge = { taken: () => {}, kept: () => {}, settle: () => 'theirs', isOurs: () => false };

/** Merges the values of an object field by field; null: nothing is left of it. */
export function mergeValues(three: Three, shape: Shape, judge: Judge): Decision | null {
  return new ValueMerge(judge).decide(three, shape);
}

class ValueMerge {
  /** The way to the values that are merged. */
  private readonly steps: Step[] = [];

  constructor(private readonly judge: Judge) {}

  decide(three: Three, shape: Shape): Decision | null {
    const { base, ours, theirs } = three;
    if (ours === theirs && ours === base) return asIs('ours', ours);
    if (isMapping(ours) && isMapping(theirs)) return this.fields(isMapping(base) ? base : EMPTY, ours, theirs, shape);
    if (Array.isArray(ours) && Array.isArray(theirs)) return this.lists(three, ours, theirs, shape);
    return this.whole(three);
  }

  private whole(three: Three): Decision | null {
    const { base, ours, theirs } = three;
    if (isEqual(ours, theirs)) return asIs('ours', ours);
    if (isEqual(base, theirs)) {
      this.judge.kept([...this.steps], three);
      return asIs('ours', ours);
    }
    if (isEqual(base, ours)) {
      this.judge.taken([...this.steps], three);
      return asIs('theirs', theirs);
    }
    const choice = this.judge.settle([...this.steps], three) ?? 'ours';
    if (typeof choice !== 'string') return asIs('written', choice.value);
    return choice === 'base' ? asIs('written', base) : asIs(choice, three[choice]);
  }

  private fields(base: Mapping, ours: Mapping, theirs: Mapping, shape: Shape): Decision {
    const decided = new Map<string, Decision>();
    const [mine, other] = [[...ours.keys()], [...theirs.keys()]];
    const isOneOrder = isSameOrder(mine, other);
    let isGuarded = false;
    for (const key of isOneOrder ? mine : new Set([...mine, ...other])) {
      const three = { base: base.get(key), ours: ours.get(key), theirs: theirs.get(key) };
      this.steps.push(key);
      const isOurs = this.judge.isOurs(this.steps);
      const decision = isOurs ? guarded(three.ours) : this.decide(three, shape.field(key));
      this.steps.pop();
      isGuarded ||= decision?.isGuarded === true;
      if (decision !== null) decided.set(key, decision);
    }
    const fields = isOneOrder ? decided : inOrder(decided, mergedOrder([...base.keys()], mine, other, isIn(decided)));
    const value = new Map<string, unknown>();
    for (const [key, decision] of fields) value.set(key, decision.value);
    return { take: 'fields', value, fields, isGuarded };
  }

  private lists(three: Three, ours: readonly unknown[], theirs: readonly unknown[], shape: Shape): Decision | null {
    const base: readonly unknown[] = Array.isArray(three.base) ? three.base : [];
    const [before, mine, other] = itemsOf(shape.rule, [base, ours, theirs]) ?? [];
    if (before && mine && other) return this.items(before, mine, other, shape.items);
    // Equal lists are gone through item by item all the same: comments may differ.
    if (!isSame(ours, theirs) || !isSame(ours, base)) return this.whole(three);
    const items = ours.map((value, at) => ({ base: at, ours: at, theirs: at, decision: asIs('ours', value) }));
    return listOf(items.flatMap(({ decision, ...item }) => (decision === null ? [] : [{ ...item, decision }])));
  }

  private items(base: Items, ours: Items, theirs: Items, shape: Shape): Decision {
    const [atBase, atOurs, atTheirs] = [base, ours, theirs].map(
      (items) => new Map([...items.keys()].map((id, at) => [id, at])),
    );
    const decided = new Map<string, Decision>();
    for (const [id, { step }] of [...theirs, ...ours]) {
      if (decided.has(id)) continue;
      const three = { base: base.get(id)?.item, ours: ours.get(id)?.item, theirs: theirs.get(id)?.item };
      this.steps.push(step);
      const decision = this.decide(three, shape);
      this.steps.pop();
      if (decision !== null) decided.set(id, decision);
    }
    const order = mergedOrder([...base.keys()], [...ours.keys()], [...theirs.keys()], (id) => decided.has(id));
    return listOf(
      order.flatMap((id) => {
        const decision = decided.get(id);
        if (!decision) return [];
        return [{ base: atBase?.get(id), ours: atOurs?.get(id), theirs: atTheirs?.get(id), decision }];
      }),
    );
  }
}

const EMPTY: Mapping = new Map();

const isIn =
  (decided: ReadonlyMap<string, unknown>) =>
  (key: string): boolean =>
    decided.has(key);

function inOrder(decided: ReadonlyMap<string, Decision>, order: readonly string[]): Map<string, Decision> {
  const fields = new Map<string, Decision>();
  for (const key of order) {
    const decision = decided.get(key);
    if (decision) fields.set(key, decision);
  }
  return fields;
}

const asIs = (take: 'ours' | 'theirs' | 'written', value: unknown): Decision | null =>
  value === undefined ? null : { take, value };

const guarded = (value: unknown): Decision | null =>
  value === undefined ? null : { take: 'ours', value, isGuarded: true };

const listOf = (items: readonly DecidedItem[]): Decision => ({
  take: 'items',
  value: items.map(({ decision }) => decision.value),
  items,
  isGuarded: items.some(({ decision }) => decision.isGuarded),
});

/** `null` is a value, and what is not there is none. */
export const isEqual = (a: unknown, b: unknown): boolean =>
  a === undefined || b === undefined ? a === b : isSame(a, b);

/** Whether nothing is left of a mapping or a list. */
export const isEmptied = (decision: Decision): boolean =>
  (decision.take === 'fields' && decision.fields.size === 0) ||
  (decision.take === 'items' && decision.items.length === 0);
