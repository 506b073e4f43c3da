import { Controller, Get, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { AcceptedType } from '../../http/accepted-type.js';
import { CurrentCaller, CurrentSignIn, type SignIn } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { type Front, SeenAt } from '../../http/front.js';
import { LastEventId } from '../../http/last-event-id.js';
import { Tag } from '../../http/openapi/tags.js';
import { RawContent } from '../../http/reply.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import { eventPage, type EventQuery, eventQuery, type EventResponse } from './event.schema.js';
import { EventService } from './event.service.js';
import { toEventResponse, toStreamText } from './event.view.js';

const STREAM = 'text/event-stream';

@Tag('events')
@Controller('api/v1/events')
export class EventController {
  constructor(private readonly events: EventService) {}

  @Get()
  @Endpoint({
    permission: 'packages.read',
    summary: 'List or follow events',
    description:
      'What happened to all that you may see, oldest first. As `text/event-stream` it goes on: from now, or behind ' +
      '`after` or `Last-Event-ID`; see docs/events.md.',
    returns: eventPage,
    alsoProduces: [STREAM],
    problems: ['eventsPruned'],
  })
  async listEvents(
    @Query({ schema: eventQuery }) query: EventQuery,
    @AcceptedType() type: string,
    @LastEventId() lastEventId: number | undefined,
    @CurrentCaller() caller: Caller,
    @CurrentSignIn() signIn: SignIn,
    @SeenAt() front: Front,
  ): Promise<Page<EventResponse> | RawContent> {
    if (type !== STREAM) {
      return listPage(
        query,
        'events',
        (filter, part) => this.events.list(filter, caller, part),
        toEventResponse(front),
      );
    }
    const { pageSize: _, cursor: _1, sort: _2, ...filter } = query;
    const from = { ...filter, after: lastEventId ?? filter.after };
    const text = await this.events.follow(from, { caller, signIn }, toStreamText(front));
    return new RawContent(text, { mediaType: STREAM, live: true });
  }
}
