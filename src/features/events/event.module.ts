import { EventListStore } from './event-list.store.js';
import { EventStreams } from './event-streams.js';
import { EventController } from './event.controller.js';
import { EventService } from './event.service.js';

export const eventControllers = [EventController];

/** Need `eventsProviders` beside them. */
export const eventProviders = [EventListStore, EventStreams, EventService];
