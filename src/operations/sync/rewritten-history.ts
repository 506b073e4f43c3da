import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { branchRef } from '../../domain/ref-layout.js';
import { DriftLog } from '../../revisions/drift/drift-log.js';
import { DriftStore } from '../../revisions/drift/drift.store.js';
import type { FoundDrift } from '../../revisions/drift/found-drift.js';
import type { RepositoryVisit } from '../visit/repository-visit.js';
import { seenCommit } from './commit-record.js';
import { lazyHistory } from './ref-history.js';

/** Finds a ref that does not hold the commit any more that it was at; one that was merged in, it holds. */
@Injectable()
export class RewrittenHistory {
  constructor(
    private readonly database: Database,
    private readonly drift: DriftLog,
    private readonly store: DriftStore,
  ) {}

  /** What is found of the ref at `head`. `tip`: where it was, if that is not on its line of first parents; else null. */
  async look({ git, repository }: RepositoryVisit, head: string, tip: string | null): Promise<FoundDrift[]> {
    const { id: repositoryId } = repository;
    const holds = lazyHistory(git, head);
    const lostBefore = await this.store.lostCommit(repositoryId);
    if (lostBefore !== null && (await holds(lostBefore))) {
      await this.database.transaction(() => this.drift.over([{ repositoryId, key: 'history' }]));
      return [];
    }
    if (tip === null || (await holds(tip))) return [];
    const place = { repositoryId, path: null, ref: branchRef(repository.ref), revisionId: null };
    const seen = seenCommit(await git.readCommit(head));
    return [{ kind: 'historyRewritten', ...place, git: seen, held: { commit: tip } }];
  }
}
