import type { Readable } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { Config } from '../../config/config.js';
import { isUnavailable } from '../../database/unavailable.js';
import { DomainError } from '../../domain/errors.js';
import { EventFeed } from '../../events/event-feed.js';
import type { EventRow } from '../../events/event.store.js';
import { Metrics } from '../../logging/metrics.js';
import { EventListStore } from './event-list.store.js';
import { EventStream, type Portion, StreamText } from './event-stream.js';
import { type EventFilter, matches } from './event.filter.js';
import { type EventSight, sees, sightKey, sightOf } from '../../events/event-sight.js';

/** So long after a right has ended, at most, and a moment for asking, its streams end. */
const RIGHTS_MS = 3_000;
const PAGE = 500;

/** Whoever follows events, and how to find out what they may see by then. */
export interface Follower {
  caller: Caller;
  signIn: { key: string; again: () => Promise<Caller> };
}

interface Open {
  holder: string;
  follower: Follower;
  sight: EventSight;
  stream: EventStream;
}

/** The streams of events that are open in this process. */
@Injectable()
export class EventStreams {
  private readonly logger = new Logger(EventStreams.name);
  private readonly open = new Set<Open>();
  private readonly perIdentity: number;
  private judging: NodeJS.Timeout | undefined;

  constructor(
    private readonly feed: EventFeed,
    private readonly store: EventListStore,
    private readonly metrics: Metrics,
    { eventStreamsPerIdentity }: Config,
  ) {
    this.perIdentity = eventStreamsPerIdentity;
  }

  /** Opens a stream of what is behind `filter.after`, or of what comes from now on; `write` gives the text of a portion. */
  async follow(filter: EventFilter, follower: Follower, write: (portion: Portion) => string): Promise<Readable> {
    const { user, tokenId } = follower.caller;
    const holder = JSON.stringify([user, tokenId]);
    if ([...this.open].filter((other) => other.holder === holder).length >= this.perIdentity) {
      const detail = `You have ${this.perIdentity} streams of events open already.`;
      throw new DomainError('tooManyRequests', detail, { retryAfterSeconds: 10 });
    }
    const sight = sightOf(follower.caller);
    const wants = (event: EventRow) => matches(filter, event) && sees(sight, event);
    const stream = new EventStream(wants, () => this.feed.reached);
    const opened = { holder, follower, sight, stream };
    const take = (events: readonly EventRow[]) => stream.offer(events);
    this.note(() => this.open.add(opened));
    const close = () => {
      this.note(() => this.open.delete(opened));
      stream.end();
      this.feed.leave(take).catch((error: unknown) => this.logger.warn(error));
    };
    try {
      const position = await this.feed.follow(take);
      return new StreamText(this.texts(filter, opened, position, write), close);
    } catch (error) {
      close();
      throw error;
    }
  }

  /** Ends all of them: whoever follows comes again, to another process, and goes on from where it was. */
  endAll(): void {
    for (const { stream } of this.open) stream.end();
  }

  private async *texts(
    filter: EventFilter,
    { sight, stream }: Open,
    position: number,
    write: (portion: Portion) => string,
  ): AsyncGenerator<string> {
    yield write({ events: [] });
    // Whoever is cut off before anything happens comes again from here.
    if (filter.after === undefined) yield write({ reached: position });
    let sent = filter.after ?? position;
    try {
      for (let more = filter.after !== undefined; more && !stream.hasEnded;) {
        const { rows, next } = await this.store.list({ ...filter, after: sent }, sight, {
          size: PAGE,
          after: undefined,
        });
        sent = rows.at(-1)?.sequence ?? sent;
        if (rows.length > 0) yield write({ events: rows });
        more = next !== null;
      }
      for await (const portion of stream.portions()) {
        // What came while the past was read may have been in it.
        const events = 'events' in portion ? portion.events.filter(({ sequence }) => sequence > sent) : [];
        if ('events' in portion && events.length === 0) continue;
        yield write('events' in portion ? { events } : portion);
      }
    } catch (error) {
      // The answer has begun, so there is no way to say so: whoever follows comes again.
      if (!isUnavailable(error)) this.logger.error(error);
    }
  }

  private note(change: () => void): void {
    change();
    this.metrics.eventStreamsOpen(this.open.size);
    if (this.open.size === 0) {
      clearTimeout(this.judging);
      this.judging = undefined;
    } else this.judging ??= setTimeout(() => void this.judge(), RIGHTS_MS);
  }

  /** Ends the streams of those who may see something else by now. Each sign-in is asked once, however many streams it has. */
  private async judge(): Promise<void> {
    const now = new Map<string, Promise<string | undefined>>();
    for (const open of this.open) {
      const { key } = open.follower.signIn;
      const sight = now.get(key) ?? this.sightNow(open);
      now.set(key, sight);
      if ((await sight) !== sightKey(open.sight)) open.stream.end();
    }
    this.judging = undefined;
    this.note(() => undefined);
  }

  /** Undefined: they are nobody any more. */
  private async sightNow({ follower, sight }: Open): Promise<string | undefined> {
    try {
      return sightKey(sightOf(await follower.signIn.again()));
    } catch (error) {
      // What they may see is not known now; nor are events read.
      return isUnavailable(error) ? sightKey(sight) : undefined;
    }
  }
}
