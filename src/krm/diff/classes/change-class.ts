import { placeOf } from '../field-path.js';
import type { FieldDifference } from '../compare.js';
import { isMapping, type Mapping } from '../values.js';
import { narrowsCrd } from './crd-narrowing.js';
import { exposes } from './exposure.js';
import { isImmutable } from './immutable-fields.js';
import { isConfiguration, isImage, isMetadata, isRemoval, isReplicas, isResources } from './ordinary.js';
import { widensRbac } from './rbac-widening.js';
import { widensSecurity } from './security-widening.js';

/** What a change means, the gravest first: a change that means several things has the first of their classes. */
export const CHANGE_CLASSES = [
  'immutableField',
  'crdNarrowing',
  'rbacWidening',
  'securityWidening',
  'exposure',
  'removal',
  'image',
  'replicas',
  'resources',
  'configuration',
  'other',
  'metadata',
] as const;

export type ChangeClass = (typeof CHANGE_CLASSES)[number];

/** The object that a field belongs to; undefined: it is not in that version. */
export interface ChangedObject {
  group: string;
  kind: string;
  from: Mapping | undefined;
  to: Mapping | undefined;
}

/** A value that differs, or that is in one that is added, removed or told as a whole. */
export interface ChangedValue {
  /** The way to it, as `spec.containers[].image`; '' is the object. */
  place: string;
  from: unknown;
  to: unknown;
  /** It is in a value that is added, removed or told as a whole. */
  isWithin: boolean;
}

/** Whether a change is of a class. */
export type ClassRule = (value: ChangedValue, object: ChangedObject) => boolean;

const RULES: Record<Exclude<ChangeClass, 'other'>, ClassRule> = {
  immutableField: isImmutable,
  crdNarrowing: narrowsCrd,
  rbacWidening: widensRbac,
  securityWidening: widensSecurity,
  exposure: exposes,
  removal: isRemoval,
  image: isImage,
  replicas: isReplicas,
  resources: isResources,
  configuration: isConfiguration,
  metadata: isMetadata,
};

/** What a change of a field means: the gravest of what all that is in it means. */
export function classOf({ steps, change, from, to }: FieldDifference, object: ChangedObject): ChangeClass {
  const place = placeOf(steps);
  // Of an item that is gone nothing is widened: that it is gone is what counts.
  const isGone = change === 'removed' && typeof steps.at(-1) !== 'string';
  const rank = gravest({ place, from, to, isWithin: false }, object, !isGone);
  return CHANGE_CLASSES[rank] ?? 'other';
}

function gravest(value: ChangedValue, object: ChangedObject, goesDown: boolean): number {
  const own = CHANGE_CLASSES.findIndex((name) => name === 'other' || RULES[name](value, object));
  const known = CHANGE_CLASSES[own] === 'other' && isMetadata(value, object) ? CHANGE_CLASSES.length - 1 : own;
  const within = goesDown ? [...parts(value)].map((part) => gravest(part, object, true)) : [];
  // What is in a value says more than that nothing is known of the value itself.
  const told = CHANGE_CLASSES[known] === 'other' && within.length > 0 ? within : [known, ...within];
  return Math.min(...told);
}

function* parts({ place, from, to }: ChangedValue): Generator<ChangedValue> {
  if (isMapping(from) || isMapping(to)) {
    const [before, after] = [isMapping(from) ? from : EMPTY, isMapping(to) ? to : EMPTY];
    for (const key of new Set([...after.keys(), ...before.keys()])) {
      yield {
        place: place === '' ? key : `${place}.${key}`,
        from: before.get(key),
        to: after.get(key),
        isWithin: true,
      };
    }
  } else if (Array.isArray(from) || Array.isArray(to)) {
    const [before, after]: unknown[][] = [Array.isArray(from) ? from : [], Array.isArray(to) ? to : []];
    for (let at = 0; at < Math.max(before?.length ?? 0, after?.length ?? 0); at += 1) {
      const part = { place: `${place}[]`, from: before?.[at], to: after?.[at], isWithin: true };
      if (isMapping(part.from) || isMapping(part.to)) yield part;
    }
  }
}

const EMPTY: Mapping = new Map();
