import type { GivenDiscovery } from '../../domain/discovery.js';
import { DomainError, type FieldError, refusal } from '../../domain/errors.js';
import { normalizeBranch, normalizeDirectory } from '../../domain/git-location.js';
import { parseGitUrl } from '../../domain/git-url.js';
import { MAX_LABELS } from '../../domain/labels.js';
import type { MergePatch } from '../../domain/merge-patch.js';
import type { GivenPolicy } from '../../domain/release-policy.js';
import type { RepositoryGit } from './repository-location.js';
import type { RepositoryRow } from './repository.store.js';

/** What is left out stays, null clears. */
export interface RepositoryPatch {
  name?: string | undefined;
  description?: string | null | undefined;
  labels?: MergePatch<Record<string, string>> | undefined;
  deployment?: boolean | undefined;
  git?: Partial<RepositoryGit> | undefined;
  syncIntervalSeconds?: number | null | undefined;
  discovery?: MergePatch<GivenDiscovery> | undefined;
  policy?: MergePatch<GivenPolicy> | undefined;
}

/** Throws `immutableField` for every field that would get another value and cannot; the same value is fine. */
export function assertUnchanged(current: RepositoryRow, patch: RepositoryPatch): void {
  const git = patch.git ?? {};
  const faults = [
    fault('/name', patch.name, current.name),
    fault('/deployment', patch.deployment, current.deployment),
    fault(
      '/git/directory',
      git.directory === undefined ? undefined : normalizeDirectory(git.directory),
      current.directory,
    ),
  ].filter((error) => error !== undefined);
  if (faults.length === 0) return;
  const names = faults.map(({ pointer }) => pointer.slice(1).replaceAll('/', '.')).join(', ');
  throw new DomainError('immutableField', `These fields cannot change: ${names}. Register another repository.`, {
    errors: faults,
  });
}

/** Where the repository is after the patch, or null where it stays. */
export function placeAfter(
  current: RepositoryRow,
  { git = {} }: RepositoryPatch,
): Pick<RepositoryGit, 'url' | 'ref' | 'directory'> | null {
  const isOtherUrl = git.url !== undefined && remoteOf(git.url) !== remoteOf(current.url);
  const ref = git.ref == null ? current.ref : normalizeBranch(git.ref);
  if (!isOtherUrl && ref === current.ref) return null;
  return { url: isOtherUrl && git.url ? git.url : current.url, ref: ref || null, directory: current.directory };
}

/** Equal for URLs that are dialled the same way: ssh is not https, although both lead to one repository. */
function remoteOf(text: string): string {
  const { key, url } = parseGitUrl(text);
  return url.protocol === 'ssh:' ? `ssh ${url.username} ${key}` : key;
}

const fault = (pointer: string, wanted: unknown, present: unknown): FieldError | undefined =>
  wanted === undefined || wanted === present
    ? undefined
    : { pointer, code: 'immutableField', message: 'This cannot change.' };

export function assertLabelCount(labels: Record<string, string>): Record<string, string> {
  if (Object.keys(labels).length <= MAX_LABELS) return labels;
  throw refusal('invalidBody', '/labels', 'tooBig', `There may be at most ${MAX_LABELS} labels.`);
}
