import { isUuid } from './uuid.js';
import { versionKey } from './version.js';

/**
 * Which published revision of a package is wanted: the latest, one by its id, or the highest release of a range. The bounds
 * are keys as `domain/version` makes them.
 */
export type Follow = { by: 'latest' } | { by: 'revision'; id: string } | { by: 'range'; from: string; below: string };

const RANGE = /^([~^]?)v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?$/;

/**
 * Reads `latest`, an id, or a range: `v2` and `2.1` are all releases that begin so, `~1.4` and `~1.4.2` those from there on
 * with the same minor number, `^1.4` those with the same major number. Null for anything else.
 */
export function parseFollow(text: string): Follow | null {
  if (text === 'latest') return { by: 'latest' };
  if (isUuid(text)) return { by: 'revision', id: text };
  const match = RANGE.exec(text);
  if (!match) return null;
  const given = match.slice(2).flatMap((part) => (part === undefined ? [] : [Number(part)]));
  // How many numbers stay the same: of `~1` and `^1` the first alone, as of `1`.
  const same = match[1] === '^' ? 1 : match[1] === '~' ? Math.min(2, given.length) : given.length;
  const below = given.slice(0, same).map((number, at) => (at === same - 1 ? number + 1 : number));
  return { by: 'range', from: keyOf(given), below: keyOf(below) };
}

const keyOf = (numbers: readonly number[]): string => versionKey(numbers.join('.')) ?? '';
