import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '../../../database/database.js';
import { Glance } from '../../../database/glance.js';
import { type EventFollower, EventFollowers } from '../../../events/event-follower.js';
import type { EventRow } from '../../../events/event.store.js';
import type { EventType } from '../../../events/event-types.js';
import { VariantWork } from '../variant-work.js';
import { ARE_ANY, type Concerned, IS_LEFT, VariantWatchStore } from './variant-watch.store.js';

const BATCH = 500;

/** What of a package others are made from, and what of it its variant is judged by. */
const OF_PUBLICATION: ReadonlySet<EventType> = new Set([
  'packageRevision.published',
  'packageRevision.publishedExternally',
  'packageRevision.tagMoved',
  'packageRevision.deleted',
  'packageRevision.deletionRejected',
]);
const OF_PLACE: ReadonlySet<EventType> = new Set([
  ...OF_PUBLICATION,
  'packageRevision.conflictResolved',
  'package.disappeared',
]);
const OF_REPOSITORY: ReadonlySet<EventType> = new Set(['repository.discovered', 'repository.unregistered']);

/**
 * Has variants looked at that something happens to: to what they are made from, to their package, their target or their
 * repository.
 */
@Injectable()
export class VariantWatch implements OnModuleDestroy {
  private readonly logger = new Logger('Variants');
  private readonly follower: EventFollower;

  constructor(
    private readonly database: Database,
    private readonly store: VariantWatchStore,
    private readonly work: VariantWork,
    followers: EventFollowers,
    private readonly glance: Glance,
  ) {
    this.follower = followers.make({
      ...{ cursor: 'variant_cursor', isWanted: ARE_ANY, batch: BATCH },
      take: async (events) => {
        if (await this.store.wake(concernedBy(events))) await this.work.start();
      },
      settle: async () => {
        if (await this.store.isLeft()) await this.database.transaction(() => this.work.start());
      },
      warn: (reason) => this.logger.warn(`Variants wait for events: ${reason}; tried again.`),
    });
  }

  start(): void {
    this.follower.start();
    this.glance.watch(IS_LEFT, () => this.follower.soon());
  }

  async onModuleDestroy(): Promise<void> {
    await this.follower.stop();
  }
}

function concernedBy(events: readonly EventRow[]): Concerned {
  const concerned: Concerned = { packageIds: [], places: [], repositoryIds: [], targets: [] };
  for (const { type, data, repositoryId, path } of events) {
    if (OF_PUBLICATION.has(type) && data.packageRevision) concerned.packageIds.push(data.packageRevision.packageId);
    if (OF_PLACE.has(type) && repositoryId !== null && path !== null) concerned.places.push({ repositoryId, path });
    if (OF_REPOSITORY.has(type) && repositoryId !== null) concerned.repositoryIds.push(repositoryId);
    if (data.target) concerned.targets.push(data.target.name);
  }
  return concerned;
}
