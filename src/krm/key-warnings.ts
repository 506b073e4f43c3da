import type { Event, ScalarEvent } from 'js-yaml';
import { EVENT_ID, getScalarValue, SCALAR_STYLE } from './js-yaml.js';
import { isOdd } from './kubectl-schema.js';
import { PlainScalar, plainNumber, plainWord } from './plain-scalar.js';
import { storableText } from '../domain/storable-text.js';
import { lineAt } from './yaml-limits.js';

/** A file gets so many warnings, and no more. */
export const MOST_WARNINGS = 10;
const LONGEST_KEY = 63;

/** A mapping whose keys are being read; null: a sequence or a document. */
type Open = { keys: Set<string>; atKey: boolean } | null;

/** The first warnings about the keys of a text that js-yaml has read, in the order of the text. */
export function keyWarnings(text: string, events: readonly Event[]): string[] {
  const warnings: string[] = [];
  const open: Open[] = [];
  /** Whether the node that begins or ended is the key of its mapping. */
  const isKey = (): boolean => {
    const mapping = open.at(-1) ?? null;
    if (mapping === null) return false;
    mapping.atKey = !mapping.atKey;
    return !mapping.atKey;
  };
  for (const event of events) {
    if (warnings.length === MOST_WARNINGS) break;
    if (event.type === EVENT_ID.POP) {
      open.pop();
    } else if (event.type === EVENT_ID.SCALAR) {
      const keys = open.at(-1)?.keys;
      if (isKey() && keys) warnings.push(...warningsOf(text, event, keys).slice(0, MOST_WARNINGS - warnings.length));
    } else if (event.type === EVENT_ID.ALIAS) {
      isKey();
    } else {
      if (event.type !== EVENT_ID.DOCUMENT) isKey();
      open.push(event.type === EVENT_ID.MAPPING ? { keys: new Set(), atKey: true } : null);
    }
  }
  return warnings;
}

function warningsOf(text: string, event: ScalarEvent, keys: Set<string>): string[] {
  const value = getScalarValue(text, event);
  const isPlain = event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0;
  const key = isPlain ? (plainWord(value) ?? plainNumber(value) ?? value) : value;
  const isTwice = keys.has(value) && !(isPlain && value === '<<');
  keys.add(value);
  const line = (): number => lineAt(text, Math.max(0, event.valueStart));
  return [...(isOdd(key) ? [oddKey(key, line())] : []), ...(isTwice ? [keyTwice(value, line())] : [])];
}

/** `line` counts from 1. */
export function keyTwice(key: string, line: number): string {
  return `The key ${quoted(key)} is given twice; the last counts (line ${line}).`;
}

/** As {@link keyTwice}. */
export function oddKey(key: PlainScalar, line: number): string {
  const reading = key.value === null ? 'not taken by kubectl: it is null' : `read as "${key.json}" by kubectl`;
  return `The key ${quoted(key.text)} is ${reading} (line ${line}).`;
}

/** Keys are names, but may be of any length and any characters. */
function quoted(key: string): string {
  return `"${storableText(key.replace(/[\p{Cc}\s]+/gu, ' ')).slice(0, LONGEST_KEY)}"`;
}
