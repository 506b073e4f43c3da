/** Revisions as versions: `v1`, `v1.2.3`, `1.2.3`, each with an optional pre-release. Any other leaf is unordered. */

const VERSION =
  /^v?(\d{1,99})(?:\.(\d{1,99}))?(?:\.(\d{1,99}))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?$/;
/** Numbers up to this length are padded to it in a key; longer ones say their length. */
const PADDED_DIGITS = 10;

/**
 * A key whose byte order is the order of versions (Semantic Versioning, section 11), or null for a leaf that is none.
 * Made for a database index: `ORDER BY version_key COLLATE "C"`.
 */
export function versionKey(revision: string): string | null {
  const match = VERSION.exec(revision);
  if (!match) return null;
  const numbers = [match[1], match[2], match[3]].map((part) => partKey(part ?? '0')).join('.');
  // `~` sorts behind every pre-release, which begins with `-`.
  return match[4] === undefined ? `${numbers}~` : `${numbers}-${preReleaseKey(match[4])}`;
}

/** Whether a revision is a version before its release, as `v2.0.0-rc1`. */
export const isPreRelease = (revision: string): boolean => versionKey(revision)?.endsWith('~') === false;

/** A key whose byte order says which version is the latest: a release goes before any pre-release. Null as {@link versionKey}. */
export function latestKey(revision: string): string | null {
  const key = versionKey(revision);
  return key && `${key.endsWith('~') ? 1 : 0}${key}`;
}

/** A `:` sorts behind every digit. */
function partKey(digits: string): string {
  const significant = digits.replace(/^0+(?=\d)/, '');
  return significant.length > PADDED_DIGITS ? `:${numberKey(significant)}` : significant.padStart(PADDED_DIGITS, '0');
}

function preReleaseKey(preRelease: string): string {
  // Numeric identifiers sort before others, and a shorter list before a longer one with the same beginning.
  return preRelease
    .split('.')
    .map((part) => (/^\d+$/.test(part) ? `0${numberKey(part)}` : `1${part}`))
    .map((part) => `${part}!`)
    .join('');
}

/** Digits of any length (build dates have many): the longer number is the greater one. */
function numberKey(digits: string): string {
  const significant = digits.replace(/^0+(?=\d)/, '');
  return String(significant.length).padStart(4, '0') + significant;
}

/** The major number that a tag leaf takes up: `v3`, `v3.1`, `v3-rc1` → 3; null where it takes none. Source: `v<major>…`. */
export function majorNumber(leaf: string): bigint | null {
  const digits = /^v(\d{1,99})(?:[.+-].*)?$/.exec(leaf)?.[1];
  return digits === undefined ? null : BigInt(digits);
}

/** `numbers` with `number` for that key, unless it has a higher one. */
export function raise<Key>(numbers: Map<Key, bigint>, key: Key, number: bigint): void {
  if (number > (numbers.get(key) ?? 0n)) numbers.set(key, number);
}
