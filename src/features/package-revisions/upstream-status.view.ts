import type { Caller } from '../../access/caller.js';
import { NO_UPSTREAM, type StoredUpstreamStatus, type UpstreamStatus } from '../../domain/upstream-status.js';

/**
 * How what a package was made from stands, as one caller sees it: that it is behind is about the package itself, and which
 * versions there are, and how many, about the upstream package.
 */
export function shownUpstreamStatus(
  { upstreamId, upstreamStatus: stored }: { upstreamId: string | null; upstreamStatus: StoredUpstreamStatus | null },
  caller: Caller,
): UpstreamStatus {
  if (upstreamId === null) return NO_UPSTREAM;
  if (stored === null) return { ...NO_UPSTREAM, state: 'unknown' };
  const { state, behind, current, newest, repositoryId, path } = stored;
  const isSeen = repositoryId !== null && caller.allows('packages.read', { repositoryId, path });
  return isSeen ? { state, behind, current, newest } : { ...NO_UPSTREAM, state };
}
