import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Repository } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import { branchRef } from '../../domain/ref-layout.js';
import type { GitRepository, RemoteRefs } from '../../git/port.js';
import type { Lease } from '../../jobs/lease.js';
import { defaultBranch } from './default-branch.js';
import { DraftWriter } from './draft-writer.js';
import { lazyHistory } from './ref-history.js';
import { assertRefExists } from '../../remotes/ref-exists.js';

/** Where a repository is: finds the branch of one that was registered without, and judges a place that it was moved to. */
@Injectable()
export class RepositoryPlaces {
  constructor(
    private readonly database: Database,
    private readonly drafts: DraftWriter,
  ) {}

  /**
   * The repository with its branch, at a place that has the history of the one before. Throws `remoteHistoryDiffers` where
   * it has another: nothing is read there, and nothing written, until it is moved again.
   */
  async settle(repository: Repository, git: GitRepository, listed: RemoteRefs, lease: Lease): Promise<Repository> {
    const { id, url, ref: given, moved } = repository;
    if (given !== '' && !moved) return repository;
    const ref = given === '' ? defaultBranch(listed) : given;
    if (moved && repository.commit !== null) await assertHolds(repository.commit, ref, git, listed, lease.signal);
    await this.database.transaction(async () => {
      await lease.assertHeld();
      // Somebody may have moved it once more: the next visit looks there.
      const { count } = await this.database.client.repository.updateMany({
        where: { id, url, ref: given },
        data: { ref, moved: false },
      });
      if (count === 0) throw new DomainError('remoteContention', 'The repository was moved meanwhile.');
      if (moved) await this.drafts.restartMissing({ ...repository, ref }, listed.refs);
    });
    return { ...repository, ref, moved: false };
  }
}

async function assertHolds(
  commit: string,
  ref: string,
  git: GitRepository,
  { refs }: RemoteRefs,
  signal: AbortSignal,
): Promise<void> {
  assertRefExists(ref, refs);
  const tip = refs.get(branchRef(ref));
  if (tip === commit) return;
  if (tip !== undefined) {
    await git.fetch([tip], [commit], signal);
    if (await lazyHistory(git, tip)(commit)) return;
  }
  throw new DomainError(
    'remoteHistoryDiffers',
    `The branch "${ref}" does not hold the commit ${commit}, which was the last that was seen where the repository was ` +
      'before. Nothing was read.',
  );
}
