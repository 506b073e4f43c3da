import { hash } from 'node:crypto';
import { parseGitUrl } from './git-url.js';
import type { Upstream } from './revision.js';
import { versionKey } from './version.js';

/**
 * The id of what a package was made from: the first half of a SHA-256 over its five parts, so that whoever clones the
 * same again names the same row. Each part has its length before it, and none at all is another than an empty one. The
 * migration that filled the table counts the same.
 */
export function pinId({ url, directory, ref, commit, tree, fromGit }: Upstream): string {
  const parts = [url, directory, ref, commit, tree].map((part) =>
    part === null ? '-' : `${Buffer.byteLength(part)}:${part}`,
  );
  // A row of its own: how it stands is not what a registered repository says.
  if (fromGit) parts.push('git');
  const hex = hash('sha256', parts.join(''), 'hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** What of a pin the database cannot find out by itself. */
export const pinKeys = ({ url, directory, ref }: Pick<Upstream, 'url' | 'directory' | 'ref'>) => ({
  urlKey: urlKeyOf(url),
  // Of `F/v3` that is `v3`; kpt writes `v3` alone.
  versionKey: versionKey(ref.startsWith(`${directory}/`) ? ref.slice(directory.length + 1) : ref),
});

/** As repositories have it, so that two ways to write a URL are one; what is no such URL names no repository. */
export function urlKeyOf(url: string): string {
  try {
    return parseGitUrl(url).key;
  } catch {
    return url;
  }
}
