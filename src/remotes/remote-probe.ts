import { Injectable } from '@nestjs/common';
import { type Stated, stated } from '../domain/condition.js';
import { DomainError } from '../domain/errors.js';
import { pathBelowDirectory } from '../domain/identity.js';
import { branchRef, HEADS, readRef, shortRef } from '../domain/ref-layout.js';
import { uuidv7 } from '../domain/uuid.js';
import { GitPort, type RemoteRefs } from '../git/port.js';
import { toDomainError, unreadable } from './failure.js';
import { assertRefExists } from './ref-exists.js';
import { RemoteAccess } from './remote-access.js';

/** The whole answer has to be there by then: somebody waits for it. */
const PROBE_SECONDS = 10;
const LIKELY_REF = 'main';

/** Where a repository is to be read. */
export interface ProbedPlace {
  url: string;
  /** Null for the remote's default branch. */
  ref: string | null;
  directory: string;
  credentialId: string | null;
}

/** What a remote's list of refs tells of a repository: nothing is fetched, so tags may turn out to be no packages. */
export interface Probed {
  condition: Stated;
  ref: string | null;
  commit: string | null;
  packageCount: number;
  revisionCount: number;
  ignoredTags: number;
}

/** Asks a remote what would be found there. Stores nothing, and leaves nothing on this machine's disk. */
@Injectable()
export class RemoteProbe {
  constructor(
    private readonly access: RemoteAccess,
    private readonly port: GitPort,
  ) {}

  async look(place: ProbedPlace): Promise<Probed> {
    try {
      return found(place, await this.refsOf(place));
    } catch (error) {
      const problem = toDomainError(error);
      const condition = unreadable(problem);
      if (condition === null) throw problem;
      return { condition, ref: place.ref, commit: null, packageCount: 0, revisionCount: 0, ignoredTags: 0 };
    }
  }

  private async refsOf({ url, credentialId }: ProbedPlace): Promise<RemoteRefs> {
    const id = uuidv7();
    const signal = AbortSignal.timeout(PROBE_SECONDS * 1000);
    const git = await this.port.open(await this.access.target({ id, url, credentialId }));
    try {
      return await git.listRefs(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      const message = `The remote did not list its refs within ${PROBE_SECONDS} seconds. Registered, it would be given longer.`;
      throw new DomainError('remoteTimeout', message, {}, { cause: error });
    } finally {
      await this.port.remove(id);
    }
  }
}

function found({ ref: given, directory }: ProbedPlace, { refs, head }: RemoteRefs): Probed {
  const ref = given ?? (head === undefined ? LIKELY_REF : shortRef(head));
  assertRefExists(ref, refs);
  const paths = new Set<string>();
  const counts = { revisionCount: 0, ignoredTags: 0 };
  for (const name of refs.keys()) {
    const meaning = readRef(name);
    const isTag = !name.startsWith(HEADS);
    const isRevision = isTag || meaning?.kind === 'drafts' || meaning?.kind === 'proposed';
    const path = meaning?.directory == null ? null : pathBelowDirectory(directory, meaning.directory);
    if (isRevision && path !== null) {
      paths.add(path);
      counts.revisionCount += 1;
    } else if (isTag) counts.ignoredTags += 1;
  }
  const commit = refs.get(branchRef(ref)) ?? null;
  const message =
    commit === null
      ? `The remote answers, and has no branch yet: the first publication makes "${ref}".`
      : `The remote answers: "${ref}" is at ${commit}. By their names, ${counts.revisionCount} tags and drafts may be revisions ` +
        `of ${paths.size} packages; what they and "${ref}" hold is read once it is registered.`;
  return { condition: stated('Ready', 'Reachable', message), ref, commit, packageCount: paths.size, ...counts };
}
