/** The oldest one that all packages run on; the same as in package.json. */
const OLDEST = [20, 19] as const;

/** Says in a sentence that pkgserver does not run on this version of Node.js; null where it does. */
export function nodeTooOld(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return null;
  return `pkgserver needs Node.js ${OLDEST.join('.')} or newer, and this is ${version}: install a newer one, or use the image.`;
}
