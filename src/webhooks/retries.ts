const [MINUTE, HOUR] = [60, 3_600];

/** Seconds from each failed attempt to the next one. */
const PAUSES = [...[5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR], ...[10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]];
const LONGEST = 24 * HOUR;
/** Retries spread over so much of their pause: what failed together does not come again together. */
const SPREAD = 0.2;

/**
 * Seconds until the next attempt after so many; null: there is none any more. A receiver may ask for a longer pause
 * (`Retry-After`), of at most a day.
 */
export function pauseSeconds(attempts: number, askedFor = 0, random = Math.random()): number | null {
  const pause = PAUSES[attempts - 1];
  if (pause === undefined) return null;
  return Math.max(pause * (1 + SPREAD * random), Math.min(askedFor, LONGEST));
}

/** What `Retry-After` asks for: seconds, or a date; 0 where it says nothing that makes sense. */
export function readRetryAfter(header: unknown, now = Date.now()): number {
  if (typeof header !== 'string') return 0;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const moment = Date.parse(header);
  return Number.isNaN(moment) ? 0 : Math.max(0, (moment - now) / 1_000);
}
