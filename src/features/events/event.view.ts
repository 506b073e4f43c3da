import { eventSource, toCloudEvent } from '../../events/cloud-event.js';
import type { EventRow } from '../../events/event.store.js';
import { type Front, linkTo } from '../../http/front.js';
import type { Portion } from './event-stream.js';
import type { EventResponse } from './event.schema.js';

/** An event as callers see it who come that way: a CloudEvent. */
export function toEventResponse(front: Front): (event: EventRow) => EventResponse {
  const source = eventSource(linkTo(front, ''));
  return (event) => toCloudEvent(event, source);
}

/** Written once for all who follow and come the same way. */
const texts = new WeakMap<EventRow, { source: string; text: string }>();

/** As `text/event-stream` has it; where there is no event, a comment, so that nobody takes the connection for dead. */
export const toStreamText =
  (front: Front) =>
  (portion: Portion): string => {
    if ('events' in portion) {
      return portion.events.length === 0 ? BEGINNING : portion.events.map((event) => textOf(event, front)).join('');
    }
    // An id without data: the reader goes on from there, and is told of nothing.
    return portion.reached === undefined ? ': \n\n' : `: \nid: ${portion.reached}\n\n`;
  };

const BEGINNING = 'retry: 3000\n\n';

function textOf(event: EventRow, front: Front): string {
  const source = eventSource(linkTo(front, ''));
  const known = texts.get(event);
  if (known?.source === source) return known.text;
  const text = `id: ${event.sequence}\ndata: ${JSON.stringify(toCloudEvent(event, source))}\n\n`;
  texts.set(event, { source, text });
  return text;
}
