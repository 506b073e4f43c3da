import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { RegularTurns } from '../../../async/regular-turns.js';
import { Database } from '../../../database/database.js';
import type { Listener } from '../../../database/listener.js';
import { isLost } from '../../../database/unavailable.js';
import { lineOf } from '../../../domain/message-of.js';
import { EVENTS_CHANNEL } from '../../../events/event-number.store.js';
import { type EventRow, EventStore } from '../../../events/event.store.js';
import type { EventType } from '../../../events/event-types.js';
import { VariantWork } from '../variant-work.js';
import { type Concerned, VariantWatchStore } from './variant-watch.store.js';

const BATCH = 500;
/** The net below the notifications. */
const PAUSE_MS = 1_000;

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
 * repository. One worker at a time goes through the events, in the order of their numbers, and notes with the variants how
 * far it is: none is passed over.
 */
@Injectable()
export class VariantWatch implements OnModuleDestroy {
  private readonly logger = new Logger('Variants');
  private readonly turns = new RegularTurns(() => this.takeTurn(), PAUSE_MS);
  private listener: Listener | undefined;

  constructor(
    private readonly database: Database,
    private readonly store: VariantWatchStore,
    private readonly events: EventStore,
    private readonly work: VariantWork,
  ) {}

  start(): void {
    this.listener = this.database.listen(EVENTS_CHANNEL, () => this.turns.soon());
    this.turns.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.listener?.close(), this.turns.stop()]);
  }

  private async takeTurn(): Promise<void> {
    try {
      for (let more = true; more;) more = await this.readSome();
      if (await this.store.isLeft()) await this.database.transaction(() => this.work.start());
    } catch (error) {
      if (!isLost(error)) this.logger.warn(`Variants wait for events: ${lineOf(error)}; tried again.`);
    }
  }

  /** True where there may be more. */
  private async readSome(): Promise<boolean> {
    const { waits, last, areAny } = await this.store.look();
    if (!waits) return false;
    if (!areAny) {
      await this.store.moveCursor(last);
      return false;
    }
    return this.database.transaction(async () => {
      const position = await this.store.takeCursor();
      if (position === null) return false;
      const events = await this.events.behind(position, BATCH);
      const newest = events.at(-1)?.sequence;
      if (newest === undefined) return false;
      if (await this.store.wake(concernedBy(events))) await this.work.start();
      await this.store.moveCursor(newest);
      return events.length === BATCH;
    });
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
