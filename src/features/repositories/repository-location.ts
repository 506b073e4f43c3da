import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { DomainError } from '../../domain/errors.js';
import { directoriesOverlap, normalizeBranch, normalizeDirectory } from '../../domain/git-location.js';
import { parseGitUrl } from '../../domain/git-url.js';
import { HostPolicy } from '../../net/host-policy.js';
import { assertReachable } from '../../net/reachable.js';

export interface RepositoryLocation {
  url: string;
  urlKey: string;
  /** Empty for the remote's default branch, as long as it is not known. */
  ref: string;
  directory: string;
}

/** Where a repository is, as it was given. */
export interface RepositoryGit {
  url: string;
  /** Null for the remote's default branch. */
  ref: string | null;
  directory: string;
  credentialId: string | null;
}

/** Which remotes may be registered. Names that resolve to a refused address show later, as a condition. */
@Injectable()
export class RepositoryLocations {
  private readonly policy: HostPolicy;

  constructor(config: Config) {
    this.policy = new HostPolicy({ allowedHosts: config.gitAllowedHosts, allowHttp: config.gitAllowHttp });
  }

  read(git: Omit<RepositoryGit, 'credentialId'>): RepositoryLocation {
    const { href, key, url } = parseGitUrl(git.url);
    assertReachable(this.policy, url, '/git/url');
    const ref = git.ref === null ? '' : normalizeBranch(git.ref);
    return { url: href, urlKey: key, ref, directory: normalizeDirectory(git.directory) };
  }
}

/** Throws `overlap` where one of the others, of the same remote and ref, holds packages of this directory. */
export function assertNoOverlap(directory: string, others: readonly { name: string; directory: string }[]): void {
  const other = others.find((candidate) => directoriesOverlap(candidate.directory, directory));
  if (!other) return;
  const where = other.directory === '' ? 'all of it' : `its directory "${other.directory}"`;
  throw new DomainError('overlap', `The repository "${other.name}" already has ${where} on that ref.`, {
    repository: other.name,
  });
}
