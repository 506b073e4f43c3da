/**
 * How what the ref holds of a package relates to what is published of it: it equals a published revision, somebody has
 * changed it there directly (or a deletion left it), nothing was published yet, or the ref holds nothing of it.
 */
export const HEAD_STATES = ['published', 'differs', 'unpublished', 'absent'] as const;
export type HeadState = (typeof HEAD_STATES)[number];

/** What the ref holds of a package once the revision is deleted that it holds: the latest that stays, or what it holds now. */
export const DELETION_HEADS = ['restore', 'keep'] as const;
export type DeletionHead = (typeof DELETION_HEADS)[number];
