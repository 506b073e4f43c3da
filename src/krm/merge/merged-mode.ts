import type { Three } from './merge-values.js';

/** The mode that only one side has changed, or ours; undefined: nobody has the file. */
export function mergedMode({ base, ours, theirs }: Three<{ mode: string }>): string | undefined {
  if (ours === undefined || (theirs !== undefined && ours.mode === base?.mode)) return theirs?.mode;
  return ours.mode;
}
