import type { Step } from './field-path.js';
import { type Items, itemsOf } from './list-items.js';
import { isSameQuantity } from './quantity.js';
import type { Shape } from './shape.js';
import { isMapping, isSame, type Mapping, scalarOf } from './values.js';

/** One field that differs. A field that is there on one side only is told whole, with all that is in it. */
export interface FieldDifference {
  steps: readonly Step[];
  change: 'added' | 'removed' | 'changed';
  /** As `krm/parse` reads it; undefined where there is none. */
  from: unknown;
  to: unknown;
  /** Written in another way, and the same for Kubernetes. */
  equivalent: boolean;
}

/** The fields in which two values of a shape differ: those of `to` in their order, and behind them what is gone. */
export function compare(from: unknown, to: unknown, shape: Shape): FieldDifference[] {
  const comparison = new Comparison();
  comparison.values(from, to, shape);
  return comparison.found;
}

/** Mappings whose order people care for, though nothing else does. */
const LABELS = new Set<Step | undefined>(['labels', 'matchLabels', 'annotations']);

class Comparison {
  readonly found: FieldDifference[] = [];
  /** The way to the values that are compared. */
  private readonly steps: Step[] = [];

  values(from: unknown, to: unknown, shape: Shape): void {
    if (from === to) return;
    if (isMapping(from) && isMapping(to)) return this.mappings(from, to, shape);
    if (Array.isArray(from) && Array.isArray(to)) {
      const [before, after] = itemsOf(shape.rule, [from, to]) ?? [];
      if (before && after) return this.items(before, after, shape.items);
    }
    if (isSame(from, to)) return;
    this.tell('changed', from, to, shape.isQuantity && isSameQuantity(scalarOf(from), scalarOf(to)));
  }

  private mappings(from: Mapping, to: Mapping, shape: Shape): void {
    const before = this.found.length;
    for (const [key, value] of to) {
      if (from.has(key)) this.at(key, () => this.values(from.get(key), value, shape.field(key)));
      else this.at(key, () => this.tell('added', undefined, value));
    }
    for (const [key, value] of from) if (!to.has(key)) this.at(key, () => this.tell('removed', value, undefined));
    if (this.found.length > before || !LABELS.has(this.steps.at(-1))) return;
    const order = from.keys();
    for (const key of to.keys()) if (key !== order.next().value) return this.tell('changed', from, to, true);
  }

  private items(before: Items, after: Items, shape: Shape): void {
    for (const [id, { step, item }] of after) {
      const old = before.get(id);
      this.at(step, () => (old ? this.values(old.item, item, shape) : this.tell('added', undefined, item)));
    }
    for (const [id, { step, item }] of before) {
      if (!after.has(id)) this.at(step, () => this.tell('removed', item, undefined));
    }
  }

  private at(step: Step, work: () => void): void {
    this.steps.push(step);
    work();
    this.steps.pop();
  }

  private tell(change: FieldDifference['change'], from: unknown, to: unknown, equivalent = false): void {
    this.found.push({ steps: [...this.steps], change, from, to, equivalent });
  }
}
