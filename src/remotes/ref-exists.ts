import { DomainError } from '../domain/errors.js';
import { branchRef, HEADS, readRef, shortRef } from '../domain/ref-layout.js';

/** Branches that a message names. */
const NAMED = 5;

/** True for a remote without the ref that is empty, or holds only drafts of ours: the first publication makes the ref. */
export function assertRefExists(ref: string, refs: ReadonlyMap<string, string>): void {
  if (refs.has(branchRef(ref))) return;
  const others = [...refs.keys()].filter((name) => !isDraft(name));
  if (others.length === 0) return;
  const branches = others.flatMap((name) => (name.startsWith(HEADS) ? `"${shortRef(name)}"` : []));
  const more = branches.length > NAMED ? ` and ${branches.length - NAMED} more` : '';
  const there = branches.length === 0 ? 'no branch at all' : `${branches.slice(0, NAMED).join(', ')}${more}`;
  throw new DomainError('remoteRefNotFound', `The repository has no branch "${ref}". It has ${there}; set git.ref.`);
}

function isDraft(ref: string): boolean {
  const kind = readRef(ref)?.kind;
  return kind === 'drafts' || kind === 'proposed' || kind === 'deletionProposed';
}
