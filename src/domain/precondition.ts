import { DomainError } from './errors.js';
import { isoTime } from './iso-time.js';
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

/** The last change of a resource. */
export interface LastChange {
  updatedBy: string;
  updatedAt: Date;
}

/**
 * Throws `preconditionFailed`, with the last change where it is known, when the resource is no longer what the caller
 * saw. Call it with the row locked.
 */
export function assertPrecondition(precondition: Precondition, current: string, what: string, last?: LastChange): void {
  if (staleTags(precondition, current) !== null) throw changedMeanwhile(current, what, last);
}

/** The tags that the caller saw, where the current one is none of them; null where it is. */
export function staleTags({ ifMatch }: Precondition, current: string): string[] | null {
  const tags = tagsOf(ifMatch);
  const isMet = ifMatch.trim() === '*' || tags.some((tag) => judgedPart(tag) === judgedPart(current));
  return isMet ? null : tags;
}

/** `files`: what is another since then, and whether it is anything that the caller wants to change. */
export function changedMeanwhile(
  current: string,
  what: string,
  last?: LastChange,
  files?: { changed: string[]; overlap: boolean },
): DomainError {
  const since = last ? `, last by ${last.updatedBy} at ${isoTime(last.updatedAt)}` : '';
  const advice =
    files?.overlap === false
      ? 'None of the files that you change was touched: repeat it with the new entity tag.'
      : 'Read it again and decide on what it is now.';
  return new DomainError('preconditionFailed', `${what} has changed since you read it${since}. ${advice}`, {
    currentEtag: current,
    ...(last && { updatedBy: last.updatedBy, updatedAt: isoTime(last.updatedAt) }),
    ...(files && { files: files.changed }),
  });
}
