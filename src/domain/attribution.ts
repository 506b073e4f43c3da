import { stated } from './condition.js';
import { isoTime } from './iso-time.js';
import { type AuthorTie, unknownAuthors } from './release-policy.js';
import type { Condition } from './revision.js';

/** Authors that a message names. */
const NAMED = 5;

/** That a draft holds commits of people of whom nobody can say who they are here; none where everybody is known. */
export function attributionConditions(row: { authorTies: readonly AuthorTie[]; updatedAt: Date }): Condition[] {
  const unknown = unknownAuthors(row);
  if (unknown.length === 0) return [];
  const more = unknown.length > NAMED ? ` and ${unknown.length - NAMED} more` : '';
  const message =
    `Its branch holds commits of ${unknown.slice(0, NAMED).join(', ')}${more}, whose address is that of no user here. ` +
    'It takes an approval of one person more than the policy says, unless they sign in with that address, verified by an identity provider.';
  return [{ ...stated('Unattributed', 'UnknownAuthors', message), lastTransitionTime: isoTime(row.updatedAt) }];
}

/** That a revision was published by a tag that this service has not set. */
export const publishedOutside = (row: {
  tag: string | null;
  publishedBy: string | null;
  publishedAt: Date | null;
}): Condition => ({
  ...stated(
    'PublishedOutside',
    'TagFound',
    `The tag ${row.tag ?? ''} was not set by this service; by its own word it is of ${row.publishedBy ?? 'nobody'}. ` +
      'Nobody has approved it here: look at what it holds, and propose its deletion where it is not meant.',
  ),
  lastTransitionTime: isoTime(row.publishedAt ?? new Date(0)),
});
