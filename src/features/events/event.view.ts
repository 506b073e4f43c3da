import { toCloudEvent } from '../../events/cloud-event.js';
import type { EventRow } from '../../events/event.store.js';
import type { Portion } from './event-stream.js';
import type { EventResponse } from './event.schema.js';

/** An event as callers see it: a CloudEvent. */
export const toEventResponse = (event: EventRow): EventResponse => toCloudEvent(event);

/** Written once for all who follow. */
const texts = new WeakMap<EventRow, string>();

/** As `text/event-stream` has it; where there is no event, a comment, so that nobody takes the connection for dead. */
export function toStreamText(portion: Portion): string {
  if ('events' in portion) return portion.events.length === 0 ? BEGINNING : portion.events.map(textOf).join('');
  // An id without data: the reader goes on from there, and is told of nothing.
  return portion.reached === undefined ? ': \n\n' : `: \nid: ${portion.reached}\n\n`;
}

const BEGINNING = 'retry: 3000\n\n';

function textOf(event: EventRow): string {
  const known = texts.get(event);
  if (known !== undefined) return known;
  const text = `id: ${event.sequence}\ndata: ${JSON.stringify(toEventResponse(event))}\n\n`;
  texts.set(event, text);
  return text;
}
