import { DomainError } from '../../domain/errors.js';
import type { GitPlace } from '../../domain/git-place.js';
import { HEADS, shortRef, TAGS } from '../../domain/ref-layout.js';

/** Names that a message has at most. */
const NAMED = 5;

/**
 * The ref that a place names, of those that the remote lists: a full name, else the tag of the directory (`v1` of `nf/core` is
 * `nf/core/v1`, as kpt has it), the tag, or the branch. Throws `remoteRefNotFound`, with names that there are.
 */
export function findRef(
  { url, ref, directory }: Pick<GitPlace, 'url' | 'ref' | 'directory'>,
  refs: ReadonlyMap<string, string>,
): { name: string; oid: string } {
  const isFull = ref.startsWith(HEADS) || ref.startsWith(TAGS);
  const below = directory === '' ? [] : [`${TAGS}${directory}/${ref}`];
  for (const name of isFull ? [ref] : [...below, `${TAGS}${ref}`, `${HEADS}${ref}`]) {
    const oid = refs.get(name);
    if (oid !== undefined) return { name, oid };
  }
  throw new DomainError('remoteRefNotFound', `${url} has no tag or branch "${ref}". ${others(directory, refs)}`);
}

/** Those of the directory come first: they are its versions. */
function others(directory: string, refs: ReadonlyMap<string, string>): string {
  const isOwn = (name: string) => directory !== '' && name.startsWith(`${TAGS}${directory}/`);
  const own = [...refs.keys()].filter(isOwn);
  const names = own.length > 0 ? own : [...refs.keys()].filter((name) => name.startsWith(HEADS));
  if (names.length === 0) return 'It has no branch at all.';
  const shown = names.slice(0, NAMED).map((name) => `"${shortRef(name)}"`);
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `It has ${shown.join(', ')}${more}.`;
}
