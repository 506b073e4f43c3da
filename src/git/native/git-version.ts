import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The oldest Git that does what is needed: `cat-file --batch-command` came with 2.36, `http.curloptResolve` with 2.37. */
export const OLDEST_GIT = '2.37';

const known = new Map<string, string>();

/** The version of the `git` on the search path, e.g. `2.39.5`; null where there is none. A process asks a git once. */
export async function gitVersion(searchPath: string): Promise<string | null> {
  const before = known.get(searchPath);
  if (before !== undefined) return before;
  const options = { env: { PATH: searchPath }, timeout: 10_000 };
  const answer = await promisify(execFile)('git', ['version'], options).catch(() => null);
  const version = /^git version (\d+\.\d+[\d.]*)/.exec(answer?.stdout ?? '')?.[1]?.replace(/\.$/, '') ?? null;
  if (version !== null) known.set(searchPath, version);
  return version;
}

export function isRecentGit(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_GIT.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
