import { Injectable } from '@nestjs/common';
import { stated } from '../../domain/condition.js';
import { isWantOfRight } from '../../git/git-error.js';
import { GitError, type RefChange } from '../../git/port.js';
import { SyncStore } from '../sync/sync.store.js';
import type { RepositoryVisit } from '../visit/repository-visit.js';
import { type LeftOver, pushTidily } from './left-over.js';

const TYPE = 'DraftsWritable';
const REASON = 'PushRefused';

/** Pushes, and says on the repository that its host refuses that for want of a right, until it takes a push. */
@Injectable()
export class Pushes {
  constructor(private readonly sync: SyncStore) {}

  /** As {@link pushTidily}. */
  async push(visit: RepositoryVisit, changes: readonly RefChange[], objects: readonly string[]): Promise<LeftOver[]> {
    const { id } = visit.repository;
    try {
      const leftOver = await pushTidily(visit, changes, objects);
      if (leftOver.length < changes.length) await this.sync.retractCondition(id, TYPE, REASON);
      return leftOver;
    } catch (error) {
      if (error instanceof GitError && isWantOfRight(error)) {
        await this.sync.setCondition(id, stated(TYPE, REASON, error.message.replaceAll('\n', ' ')));
      }
      throw error;
    }
  }
}
