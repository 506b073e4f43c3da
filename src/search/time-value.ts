const TIME = /^[1-9]\d{3}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[-+]\d\d:\d\d))?$/;
const LONGEST_DAY = 10;
const DAY_MS = 86_400_000;

/** From the first to the last millisecond, as far as times are kept. */
export interface TimeSpan {
  first: Date;
  last: Date;
}

/** A moment as RFC 3339 writes it, or a whole day in UTC. Null: the text is neither. */
export function readTime(text: string): TimeSpan | null {
  const first = new Date(text);
  if (!TIME.test(text) || Number.isNaN(first.getTime())) return null;
  return { first, last: text.length > LONGEST_DAY ? first : new Date(first.getTime() + DAY_MS - 1) };
}
