export const MAX_WAIT_SECONDS = 30;

/** Seconds of `Prefer: wait=N` (RFC 7240), at most 30; null where the header has no such preference. */
export function preferredWait(header: string | string[] | undefined): number | null {
  const preferences = [header ?? []].flat().join(',').split(',');
  for (const preference of preferences) {
    const seconds = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(;.*)?$/i.exec(preference)?.[1];
    if (seconds !== undefined) return Math.min(Number(seconds), MAX_WAIT_SECONDS);
  }
  return null;
}
