import { createHmac } from 'node:crypto';
import type { FieldDifference } from './compare.js';
import type { Step } from './field-path.js';
import { groupVersion } from './object-shape.js';
import { isMapping, toJson } from './values.js';

/** In this annotation `kubectl apply` leaves a copy of the whole Secret. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export const isSecret = ({ apiVersion, kind }: { apiVersion: string; kind: string }): boolean =>
  kind === 'Secret' && groupVersion(apiVersion).group === '';

/** Whether text that is not read as objects may hold a Secret: then it is not shown either. */
export const mayHoldSecret = (text: string): boolean => /\bkind["']?\s*:\s*["']?Secret(?:List)?\b/.test(text);

/**
 * A difference of a Secret with hashes instead of values. They are keyed: whoever does not know the key cannot try what a
 * short value may be, and two values are compared within one answer only.
 */
export function veiled(difference: FieldDifference, key: string): FieldDifference {
  const { steps, from, to } = difference;
  return { ...difference, from: veil(from, steps, key), to: veil(to, steps, key) };
}

function veil(value: unknown, steps: readonly Step[], key: string): unknown {
  if (value === undefined) return undefined;
  const [first, second, third] = steps;
  if (first === undefined) return eachOf(value, (item, name) => veil(item, [name], key));
  if (first === 'data' || first === 'stringData') {
    return second === undefined ? eachOf(value, (item) => hashOf(item, key)) : hashOf(value, key);
  }
  if (first !== 'metadata' || (second !== undefined && second !== 'annotations')) return value;
  if (second === undefined || third === undefined) {
    return eachOf(value, (item, name) => veil(item, [...steps, name], key));
  }
  return third === LAST_APPLIED ? hashOf(value, key) : value;
}

function eachOf(value: unknown, change: (item: unknown, name: string) => unknown): unknown {
  if (!isMapping(value)) return value;
  return new Map([...value].map(([name, item]) => [name, change(item, name)]));
}

function hashOf(value: unknown, key: string): string {
  const text = JSON.stringify(toJson(value), (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item));
  return `hmac-sha256:${createHmac('sha256', key).update(text).digest('hex').slice(0, 32)}`;
}
