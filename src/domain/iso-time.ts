const DAY_MS = 86_400_000;

const padded = (numbers: number, digits: number): string[] =>
  Array.from({ length: numbers }, (_, number) => String(number).padStart(digits, '0'));
const TWO_DIGITS = padded(60, 2);
const THREE_DIGITS = padded(1000, 3);

/** The day of which the last time was, as ISO writes it, with its `T`. */
let latest = { day: Number.NaN, text: '' };

/** Writes a time exactly as `toISOString` does, several times faster: a page holds hundreds of times of a few days (ADR 10). */
export function isoTime(time: Date): string {
  const milliseconds = time.getTime();
  const day = Math.floor(milliseconds / DAY_MS);
  if (day !== latest.day)
    latest = { day, text: new Date(day * DAY_MS).toISOString().slice(0, -'00:00:00.000Z'.length) };
  const ofDay = milliseconds - day * DAY_MS;
  const hours = TWO_DIGITS[Math.floor(ofDay / 3_600_000)];
  const minutes = TWO_DIGITS[Math.floor(ofDay / 60_000) % 60];
  const seconds = TWO_DIGITS[Math.floor(ofDay / 1000) % 60];
  return `${latest.text}${hours}:${minutes}:${seconds}.${THREE_DIGITS[ofDay % 1000]}Z`;
}
