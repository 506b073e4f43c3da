import { Injectable } from '@nestjs/common';
import { branchRef } from '../../domain/ref-layout.js';
import { DriftLog } from '../../revisions/drift/drift-log.js';
import { DriftStore } from '../../revisions/drift/drift.store.js';
import type { RepositoryVisit } from '../visit/repository-visit.js';
import { seenCommit } from './commit-record.js';
import { lazyHistory } from './ref-history.js';

/** Finds a ref that does not hold the commit any more that it was at; one that was merged in, it holds. */
@Injectable()
export class RewrittenHistory {
  constructor(
    private readonly drift: DriftLog,
    private readonly store: DriftStore,
  ) {}

  /**
   * Compares the ref at `head` with where it was: `tip`, if that is not on its line of first parents, else null. Gives what writes
   * down what follows, in the transaction that records the ref's new place; null where nothing does.
   */
  async look(
    { git, repository }: RepositoryVisit,
    head: string,
    tip: string | null,
  ): Promise<(() => Promise<void>) | null> {
    const { id: repositoryId } = repository;
    const holds = lazyHistory(git, head);
    const lostBefore = await this.store.lostCommit(repositoryId);
    if (lostBefore !== null && (await holds(lostBefore))) {
      return () => this.drift.over([{ repositoryId, key: 'history' }]);
    }
    if (tip === null || (await holds(tip))) return null;
    const place = { repositoryId, path: null, ref: branchRef(repository.ref), revisionId: null };
    const seen = seenCommit(await git.readCommit(head));
    return () => this.drift.found([{ kind: 'historyRewritten', ...place, git: seen, held: { commit: tip } }]);
  }
}
