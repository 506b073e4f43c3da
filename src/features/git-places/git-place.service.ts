import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { Config } from '../../config/config.js';
import { DomainError } from '../../domain/errors.js';
import { checkRef, normalizeDirectory } from '../../domain/git-location.js';
import type { GitPlace } from '../../domain/git-place.js';
import { parseGitUrl } from '../../domain/git-url.js';
import { HEADS, shortRef, TAGS } from '../../domain/ref-layout.js';
import { HostPolicy } from '../../net/host-policy.js';
import { assertReachable } from '../../net/reachable.js';
import { CredentialUse } from '../credentials/credential-use.js';
import { GitPlaceStore } from './git-place.store.js';

/** A place as a request names it. */
export interface NamedPlace {
  url: string;
  ref: string;
  directory: string;
  credentialId?: string | null | undefined;
}

/** What the index has of a place, or where it is to be read. */
export type SettledPlace = { revisionId: string } | { packageId: string } | { place: GitPlace };

/** Finds out what a place in Git that a request names comes to. Asks no remote. */
@Injectable()
export class GitPlaceService {
  private readonly policy: HostPolicy;

  constructor(
    private readonly store: GitPlaceStore,
    private readonly credentials: CredentialUse,
    config: Config,
  ) {
    this.policy = new HostPolicy({ allowedHosts: config.gitAllowedHosts, allowHttp: config.gitAllowHttp });
  }

  /**
   * A place that the index knows is taken from there, where the caller may see it. One that they may not see is as one that
   * nobody has registered: it is read with the credential that they name, and with no other. `pointer` leads to the
   * `git` of the request. Throws `invalidUrl`, `hostRefused`, `invalidPath`, `invalidName`, or what is wrong with the credential.
   */
  async settle(named: NamedPlace, pointer: string, caller: Caller): Promise<SettledPlace> {
    return pointedAt(pointer, async () => {
      const { href, key, url } = parseGitUrl(named.url);
      assertReachable(this.policy, url, '/git/url');
      const directory = normalizeDirectory(named.directory);
      const ref = checkRef(named.ref);
      const credentialId = named.credentialId ?? null;
      await this.credentials.assertUsable(href, credentialId, caller);
      const known = await this.store.knownAt(key, directory, refsOf(ref, directory));
      const seen = known.find((each) => caller.allows('packages.read', each));
      if (seen === undefined) return { place: { url: href, ref, directory, credentialId } };
      const { revisionId, packageId } = seen;
      return revisionId === null ? { packageId } : { revisionId };
    });
  }

  /** Whether the caller may still have this place read for them: their rights may be others by the time a worker comes to it. */
  async assertReadable({ url, credentialId }: GitPlace, pointer: string, caller: Caller): Promise<void> {
    await pointedAt(pointer, () => this.credentials.assertUsable(url, credentialId, caller));
  }
}

/** The tags and the branch that a name can mean, in the order in which a remote is asked for them. */
function refsOf(ref: string, directory: string): { tags: string[]; branch: string | null } {
  const short = shortRef(ref);
  if (ref.startsWith(HEADS)) return { tags: [], branch: short };
  if (ref.startsWith(TAGS)) return { tags: [short], branch: null };
  return { tags: [...(directory === '' ? [] : [`${directory}/${ref}`]), ref], branch: ref };
}

/** Has refusals point at where the request has the place. */
async function pointedAt<T>(pointer: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DomainError) || error.data.errors === undefined) throw error;
    const errors = error.data.errors.map((fault) => ({ ...fault, pointer: fault.pointer.replace(/^\/git/, pointer) }));
    throw new DomainError(error.code, error.message, { ...error.data, errors }, { cause: error });
  }
}
