const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** Whether PostgreSQL can hold a text: it takes no NUL, and UTF-8 cannot write half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** The text with a replacement character for each half of a surrogate pair. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** The text as PostgreSQL can hold it: without NUL, and {@link wellFormed}. */
export function storableText(text: string): string {
  return wellFormed(text.replaceAll('\0', ''));
}
