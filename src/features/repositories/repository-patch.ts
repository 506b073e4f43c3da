import { DomainError, type FieldError } from '../../domain/errors.js';
import { normalizeBranch, normalizeDirectory } from '../../domain/git-location.js';
import { parseGitUrl } from '../../domain/git-url.js';
import type { GivenPolicy } from '../../domain/release-policy.js';
import type { RepositoryGit } from './repository-location.js';
import type { RepositoryRow } from './repository.store.js';

/** Null stands for the default; what is left out stays. */
export type PolicyPatch = { [Part in keyof GivenPolicy]?: GivenPolicy[Part] | null };

/** What is left out stays, null clears. */
export interface RepositoryPatch {
  name?: string | undefined;
  description?: string | null | undefined;
  labels?: Record<string, string | null> | null | undefined;
  deployment?: boolean | undefined;
  git?: Partial<RepositoryGit> | undefined;
  syncIntervalSeconds?: number | null | undefined;
  policy?: PolicyPatch | null | undefined;
}

/** Throws `immutableField` for every field that would get another value and cannot; the same value is fine. */
export function assertUnchanged(current: RepositoryRow, patch: RepositoryPatch): void {
  const git = patch.git ?? {};
  const faults = [
    fault('/name', patch.name, current.name),
    fault('/deployment', patch.deployment, current.deployment),
    fault('/git/url', git.url === undefined ? undefined : remoteOf(git.url), remoteOf(current.url)),
    fault('/git/ref', git.ref === undefined ? undefined : normalizeBranch(git.ref), current.ref),
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

/** Equal for URLs that are dialled the same way: ssh is not https, although both lead to one repository. */
function remoteOf(text: string): string {
  const { key, url } = parseGitUrl(text);
  return url.protocol === 'ssh:' ? `ssh ${url.username} ${key}` : key;
}

const fault = (pointer: string, wanted: unknown, present: unknown): FieldError | undefined =>
  wanted === undefined || wanted === present
    ? undefined
    : { pointer, code: 'immutableField', message: 'This cannot change.' };

/** A policy after a merge patch: `null` gives a part, or all, its default back. */
export function patchedPolicy(policy: GivenPolicy, patch: PolicyPatch | null | undefined): GivenPolicy {
  if (patch === null) return {};
  const merged = Object.entries({ ...policy, ...patch });
  return Object.fromEntries(merged.filter(([, value]) => value !== null && value !== undefined));
}

/** Labels after a merge patch (RFC 7396): `null` removes one, a `null` patch all, `undefined` nothing. */
export function patchedLabels(
  labels: Record<string, string>,
  patch: Record<string, string | null> | null | undefined,
): Record<string, string> {
  if (patch === null) return {};
  const merged = Object.entries({ ...labels, ...patch });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
}
