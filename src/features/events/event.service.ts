import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { DomainError } from '../../domain/errors.js';
import type { Part, Rows } from '../../domain/list.js';
import { EventNumberStore } from '../../events/event-number.store.js';
import type { EventRow } from '../../events/event.store.js';
import { EventListStore } from './event-list.store.js';
import type { Portion } from './event-stream.js';
import { EventStreams, type Follower } from './event-streams.js';
import type { EventFilter } from './event.filter.js';
import { sightOf } from '../../events/event-sight.js';

/** Reading events: a page of them, or as they come. */
@Injectable()
export class EventService {
  constructor(
    private readonly store: EventListStore,
    private readonly numbers: EventNumberStore,
    private readonly streams: EventStreams,
  ) {}

  async list(filter: EventFilter, caller: Caller, part: Part): Promise<Rows<EventRow>> {
    await this.assertKept(filter);
    return this.store.list(filter, sightOf(caller), part);
  }

  async follow(filter: EventFilter, follower: Follower, write: (portion: Portion) => string): Promise<Readable> {
    await this.assertKept(filter);
    return this.streams.follow(filter, follower, write);
  }

  /** Whoever goes on from before what is kept has missed something, and is told so. */
  private async assertKept({ after }: EventFilter): Promise<void> {
    if (after === undefined || after >= (await this.numbers.pruned())) return;
    throw new DomainError(
      'eventsPruned',
      `Events right behind ${after} are not kept any more: list what you follow anew, and go on from its X-Event-Sequence.`,
    );
  }
}
