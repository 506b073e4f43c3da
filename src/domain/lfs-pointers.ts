import { stated } from './condition.js';
import type { Condition } from './revision.js';

/** Paths that a message names. */
const NAMED = 5;

/** That files of this content stand for bytes which are in another repository; none where `paths` is empty. */
export function lfsConditions(paths: readonly string[], tree: string): Condition[] {
  if (paths.length === 0) return [];
  const named = paths.slice(0, NAMED).map((path) => `"${path}"`);
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : '';
  const message =
    `${named.join(', ')}${more} ${paths.length === 1 ? 'is a pointer' : 'are pointers'} of Git LFS: the bytes are where it was cloned from, ` +
    'and not in this repository. Push them here (`git lfs push`), or put the contents in place of the pointers.';
  return [{ ...stated('LfsPointers', 'BytesElsewhere', message), lastTransitionTime: new Date().toISOString(), tree }];
}

/** The conditions of a revision whose content has changed: whether what was cloned still stands for bytes elsewhere. */
export async function lfsConditionsAfter(
  conditions: readonly Condition[],
  tree: string,
  pointersIn: (tree: string) => Promise<string[]>,
): Promise<Condition[] | null> {
  const others = conditions.filter(({ type }) => type !== 'LfsPointers');
  return others.length === conditions.length ? null : [...others, ...lfsConditions(await pointersIn(tree), tree)];
}
