import { stated } from './condition.js';
import type { Condition } from './revision.js';

/** Files that a message names. */
const NAMED = 5;

/** The conditions of a revision that is proposed with this content: whether files of it cannot be read, by their paths. */
export function conditionsProposed(
  conditions: readonly Condition[],
  parseErrors: Readonly<Record<string, string>>,
  tree: string,
): Condition[] {
  const others = conditions.filter(({ type }) => type !== 'FilesReadable');
  const errors = Object.entries(parseErrors);
  if (errors.length === 0) return others;
  const named = errors.slice(0, NAMED).map(([path, reason]) => `"${path}": ${reason}`);
  const more = errors.length > NAMED ? ` And ${errors.length - NAMED} more.` : '';
  const message = `${named.join(' ')}${more} What these files hold is not known, and no manifests are given for a cluster.`;
  return [
    ...others,
    { ...stated('FilesReadable', 'ParseErrors', message), lastTransitionTime: new Date().toISOString(), tree },
  ];
}
