import type { ListRule } from './list-items.js';

/** What is known of the values at one place of objects of a kind. */
export interface Shape {
  /** Of the value of a key of this mapping. */
  field(key: string): Shape;
  /** Of the items of this list. */
  readonly items: Shape;
  /** How they are told apart. */
  readonly rule: ListRule;
  /** Whether this is a quantity of Kubernetes, such as `100m`. */
  readonly isQuantity: boolean;
}

/** What a kind's description says nothing special of: lists count as a whole. */
export const PLAIN: Shape = shape({ rule: { by: 'whole' } });

export const QUANTITY: Shape = { ...PLAIN, isQuantity: true };
const QUANTITIES: Shape = shape({ field: () => QUANTITY });
const RESOURCES: Shape = shape({
  field: (key) => (key === 'limits' || key === 'requests' ? QUANTITIES : UNKNOWN),
  rule: { by: 'guess' },
});

/** What nobody describes: lists are matched by the usual keys, and `resources` are taken for those of containers. */
export const UNKNOWN: Shape = shape({
  field: (key) => (key === 'resources' ? RESOURCES : UNKNOWN),
  items: () => UNKNOWN,
  rule: { by: 'guess' },
});

export { QUANTITIES };

/** A shape of these parts; what is left out is as of {@link PLAIN}. */
export function shape(parts: { field?: (key: string) => Shape; items?: () => Shape; rule?: ListRule }): Shape {
  return {
    field: parts.field ?? (() => PLAIN),
    get items() {
      return parts.items?.() ?? PLAIN;
    },
    rule: parts.rule ?? { by: 'whole' },
    isQuantity: false,
  };
}
