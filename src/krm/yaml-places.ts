import type { Event, MappingEvent, ScalarEvent, SequenceEvent } from 'js-yaml';
import { COLLECTION_STYLE, EVENT_ID, getScalarValue, SCALAR_STYLE } from './js-yaml.js';

/** A node of a text, and where its content is: `start` and `end` are offsets, without tag, anchor and comments. */
export interface Place {
  start: number;
  end: number;
  /** Of a scalar; null for everything else. */
  text: string | null;
  /** Of a mapping; null for everything else. */
  pairs: PlacedPair[] | null;
  /** Of a list; null for everything else. */
  items: Place[] | null;
  /** In brackets. */
  isFlow: boolean;
}

export interface PlacedPair {
  key: Place;
  value: Place;
}

const COLON = ':'.charCodeAt(0);

/** The roots of the documents that js-yaml's events tell of, in one pass: events say where nodes begin, and few ends. */
export function placesOf(text: string, events: readonly Event[]): Place[] {
  return new PlaceReader(text, events).documents();
}

class PlaceReader {
  private next = 0;
  /** How far the text has been read. */
  private end = 0;

  constructor(
    private readonly text: string,
    private readonly events: readonly Event[],
  ) {}

  documents(): Place[] {
    const roots: Place[] = [];
    while (this.next < this.events.length) {
      // The event that begins the document, its one node, and the event that ends it.
      this.next += 1;
      roots.push(this.node());
      this.next += 1;
    }
    return roots;
  }

  /** As deep as the text is nested, which js-yaml bounds. */
  private node(): Place {
    const event = this.events[this.next];
    this.next += 1;
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return this.scalar(event);
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE:
        return this.collection(event);
      case EVENT_ID.ALIAS:
        return this.placed(event.anchorStart - 1, event.anchorEnd, null);
      default:
        throw new Error('A document of js-yaml holds no node.');
    }
  }

  private scalar(event: ScalarEvent): Place {
    const { valueStart, valueEnd, style } = event;
    const behindProperties = Math.max(this.end, event.tagEnd, event.anchorEnd);
    const text = getScalarValue(this.text, event);
    if (valueStart < 0) return this.placed(behindProperties, behindProperties, text);
    const isBlock = style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK;
    if (isBlock) return this.placed(this.skip(behindProperties, /[ \t\r\n]/), valueEnd, text);
    const quote = style === SCALAR_STYLE.PLAIN ? 0 : 1;
    return this.placed(valueStart - quote, valueEnd + quote, text);
  }

  private collection({ type, start, style }: MappingEvent | SequenceEvent): Place {
    const isFlow = style === COLLECTION_STYLE.FLOW;
    // A single pair in a list (`[a: b]`) is a mapping without brackets of its own.
    const hasBrackets = isFlow && /[[{]/.test(this.text.charAt(start));
    this.end = Math.max(this.end, hasBrackets ? start + 1 : start);
    const isMapping = type === EVENT_ID.MAPPING;
    const pairs: PlacedPair[] = [];
    const items: Place[] = [];
    while (this.events[this.next]?.type !== EVENT_ID.POP) {
      const key = this.node();
      if (!isMapping) {
        items.push(key);
        continue;
      }
      const colon = this.text.charCodeAt(this.end) === COLON ? this.end : this.skip(this.end, /[ \t\r\n]/);
      if (this.text.charCodeAt(colon) === COLON) this.end = colon + 1;
      pairs.push({ key, value: this.node() });
    }
    this.next += 1;
    const end = hasBrackets ? this.skip(this.end, /[ \t\r\n,:?]/) + 1 : this.end;
    this.end = Math.max(this.end, end);
    return { start, end, text: null, pairs: isMapping ? pairs : null, items: isMapping ? null : items, isFlow };
  }

  private placed(start: number, end: number, text: string | null): Place {
    this.end = Math.max(this.end, end);
    return { start, end, text, pairs: null, items: null, isFlow: false };
  }

  /** The first place behind such characters and comments. */
  private skip(from: number, characters: RegExp): number {
    let at = from;
    for (; at < this.text.length; at += 1) {
      const character = this.text.charAt(at);
      if (character === '#') {
        const lineEnd = this.text.indexOf('\n', at);
        at = lineEnd < 0 ? this.text.length : lineEnd;
      } else if (!characters.test(character)) break;
    }
    return at;
  }
}
