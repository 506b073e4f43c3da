import { VARIABLES } from './variables.js';

/** Short names are near to too many that are somebody else's. */
const SHORTEST = 7;
const FARTHEST = 2;
/** Near to ours, and meant for other programs. */
const OTHERS = new Set(['FTP_PROXY', 'ALL_PROXY']);

/** Sentences about variables that are none of ours, but whose names are near to one of ours that is not set. */
export function misspelt(variables: Readonly<Record<string, string | undefined>> = process.env): string[] {
  const known = Object.keys(VARIABLES).filter((name) => name.length >= SHORTEST && variables[name] === undefined);
  return Object.keys(variables).flatMap((name) => {
    if (name.length < SHORTEST || Object.hasOwn(VARIABLES, name) || OTHERS.has(name)) return [];
    const meant = known.find((other) => distance(name, other) <= FARTHEST);
    return meant === undefined ? [] : [`There is no variable ${name}, which is not heeded: ${meant} may be meant.`];
  });
}

/** How many letters have to be changed, added or left out to make the one of the other (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= other.length; to += 1) {
      const replaced = (row[to - 1] ?? 0) + (one[at - 1] === other[to - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
