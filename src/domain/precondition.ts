import { DomainError } from './errors.js';
import { judgedPart } from './etag.js';

/** What the caller believes the resource to be: the value of `If-Match`. `*` is "whatever it is now". */
export interface Precondition {
  ifMatch: string;
}

export const ANY_VERSION: Precondition = { ifMatch: '*' };

/**
 * Whether a list of entity tags (RFC 9110, section 13.1.1) names the current one. Tags are compared strongly: a weak
 * one never matches. A tag without its quotes is taken as well, so that the `etag` of a body can be sent back as it is.
 */
export function namesEtag(list: string, current: string): boolean {
  return list.trim() === '*' || tagsOf(list).includes(current);
}

function tagsOf(list: string): string[] {
  return list.split(',').map((tag) => tag.trim().replace(/^"(.*)"$/, '$1'));
}

/** Throws `preconditionFailed` when the resource is no longer what the caller saw. Call it with the row locked. */
export function assertPrecondition(precondition: Precondition, current: string, what: string): void {
  const { ifMatch } = precondition;
  if (ifMatch.trim() === '*' || tagsOf(ifMatch).some((tag) => judgedPart(tag) === judgedPart(current))) return;
  throw new DomainError(
    'preconditionFailed',
    `${what} has changed since you read it. Read it again and decide on what it is now.`,
    { currentEtag: current },
  );
}
