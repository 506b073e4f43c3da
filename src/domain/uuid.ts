import { randomUUID } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => UUID.test(text);

let lastTime = 0;
let sequence = 0;

/** A UUID version 7 (RFC 9562): sorts by time of creation, also among those made within one millisecond here. */
export function uuidv7(now = Date.now()): string {
  // Node keeps random bytes ready for these. The variant is in its fourth part already.
  const random = randomUUID();
  if (now > lastTime) {
    lastTime = now;
    sequence = Number.parseInt(random.slice(0, 3), 16) & 0x07ff;
  } else {
    sequence += 1;
    if (sequence > 0x0fff) {
      lastTime += 1;
      sequence = 0;
    }
  }
  const time = lastTime.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-${(0x7000 | sequence).toString(16)}-${random.slice(19)}`;
}

/** The time in a UUID version 7. */
export const timeOf = (id: string): Date => new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));

/** Sorts before every UUID version 7 of this time or a later one, and after all earlier ones. */
export function firstUuidAt(time: Date): string {
  const hex = Math.max(0, time.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
