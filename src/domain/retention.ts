/** How long answers to requests with an Idempotency-Key are kept, in milliseconds. */
export const IDEMPOTENCY_KEY_MS = 24 * 60 * 60 * 1000;

/** How long it is known which webhooks were taken, in milliseconds: longer than hosts send one again. */
export const DELIVERY_MS = 3 * 24 * 60 * 60 * 1000;

/**
 * How long content stays after it was seen that nothing refers to it, in milliseconds: longer than any request or sync
 * that found it before takes to write down what refers to it.
 */
export const UNUSED_CONTENT_MS = 24 * 60 * 60 * 1000;
/** How long a preview of an upgrade is kept. */
export const UPGRADE_PREVIEW_MS = 24 * 60 * 60 * 1000;

/** How long a token that was revoked or has expired can be looked up, in milliseconds. What was done with it stays in the audit log. */
export const ENDED_TOKEN_MS = 90 * 24 * 60 * 60 * 1000;

/** How long it is known what somebody has seen of the database, in milliseconds: longer than any replica that serves may be behind. */
export const SEEN_POSITION_MS = 24 * 60 * 60 * 1000;
