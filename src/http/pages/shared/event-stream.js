/**
 * Follows events by `fetch`, since the `EventSource` of browsers cannot send a token. Needs nothing of a page, so it runs in
 * Node as well.
 */

import { errorOf, Refused } from './problem.js';
import { sleep } from './sleep.js';

/** The service sends a comment every 15 seconds: silence of this length is a connection that is gone. */
const SILENCE_MS = 45_000;
const PAUSE_MS = 3_000;

/** Takes the text of a stream apart, in whatever pieces it comes. */
export class StreamParser {
  #left = '';
  /** What to go on from, once something was told. */
  lastId;

  /** The events that are whole by now. An id counts once its block is whole, also where that has no data. */
  take(text) {
    const blocks = (this.#left + text).split('\n\n');
    this.#left = blocks.pop();
    return blocks.flatMap((block) => {
      const data = [];
      let id;
      for (const line of block.split('\n')) {
        if (line.startsWith('id: ')) id = line.slice(4);
        if (line.startsWith('data: ')) data.push(line.slice(6));
      }
      this.lastId = id ?? this.lastId;
      return data.length > 0 ? [JSON.parse(data.join('\n'))] : [];
    });
  }

  /** What was cut off comes again. */
  forget() {
    this.#left = '';
  }
}

/**
 * Follows until `signal` aborts, through whatever breaks. Throws {@link Refused} where it makes no sense to come again.
 * `told.events` gets each event once, in order; `told.connected` and `told.disconnected` each change of that.
 */
export async function follow({ url, headers, signal, told, pause = PAUSE_MS }) {
  const parser = new StreamParser();
  let connected;
  const say = (now, why) => {
    if (connected === now) return;
    connected = now;
    if (now) told.connected();
    else told.disconnected(why);
  };
  while (!signal.aborted) {
    try {
      parser.forget();
      parser.lastId ??= await presentPosition(url, headers, signal);
      await read({ url, headers, signal, parser, connected: () => say(true), events: told.events });
      say(false, 'the stream ended');
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refused) throw error;
      say(false, error.message);
    }
    await sleep(pause, signal);
  }
}

/** From where nothing is missed that comes from now on, also if the first connection breaks. */
async function presentPosition(url, headers, signal) {
  const page = new URL(url);
  page.searchParams.set('pageSize', '1');
  const response = await fetch(page, { headers: { ...headers, Accept: 'application/json' }, signal });
  if (!response.ok) throw await errorOf(response);
  return response.headers.get('x-event-sequence') ?? undefined;
}

async function read({ url, headers, signal, parser, connected, events }) {
  const silent = new AbortController();
  let timer;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silent.abort(new Error('nothing is heard any more')), SILENCE_MS);
  };
  try {
    heard();
    const response = await fetch(url, {
      headers: { ...headers, Accept: 'text/event-stream', ...(parser.lastId && { 'Last-Event-ID': parser.lastId }) },
      signal: AbortSignal.any([signal, silent.signal]),
      cache: 'no-store',
    });
    if (!response.ok) throw await errorOf(response);
    connected();
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      heard();
      const whole = parser.take(decoder.decode(part.value, { stream: true }));
      if (whole.length > 0) events(whole);
    }
  } finally {
    clearTimeout(timer);
  }
}
