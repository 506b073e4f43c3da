import { stringify } from 'yaml';
import { Stopwatch, textHunks } from './text-patch.js';
import type { Json } from './values.js';

/** This is done while others wait. What is short takes no time worth measuring, and comes out alike on the busiest machine. */
const QUICKLY_MS = 10;
const SHORT = 4_000;

/** A value as people write it, with quotes where kubectl would read something else without. Comments of its file are not in it. */
export const yamlText = (value: Json): string =>
  stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });

/** Whether a value is longer than this when it is written, about. */
export function isLonger(value: unknown, most: number): boolean {
  return left(value, most) < 0;
}

function left(value: unknown, most: number): number {
  if (most < 0) return most;
  if (typeof value === 'string') return most - value.length;
  if (typeof value !== 'object' || value === null) return most - 5;
  let rest = most;
  for (const [key, item] of Object.entries(value)) {
    rest = left(item, rest - key.length - 2);
    if (rest < 0) break;
  }
  return rest;
}

/** The lines in which two values differ, written as YAML, texts as they are; undefined: there is none. */
export function yamlDiff(from: Json | undefined, to: Json | undefined): string {
  const written = (value: Json | undefined): string => {
    if (value === undefined) return '';
    const text = typeof value === 'string' ? value : yamlText(value);
    return text.endsWith('\n') ? text : `${text}\n`;
  };
  const [before, after] = [written(from), written(to)];
  const isShort = before.length + after.length <= SHORT;
  const hunks = textHunks(before, after, isShort ? new Stopwatch() : new Stopwatch(QUICKLY_MS));
  return hunks === '' ? after.replaceAll(/^/gm, ' ') : hunks;
}
