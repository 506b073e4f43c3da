import { setTimeout as sleep } from 'node:timers/promises';
import { EventSource, type EventSourceFetchInit, type FetchLikeResponse } from 'eventsource';
import { messageOf } from '../domain/message-of.js';
import { IdReader } from './id-reader.js';

/** The pause before the next connection, where the service names none. */
const PAUSE_MS = 3_000;

export interface Told {
  /** The event as JSON. */
  event(text: string): void;
  connected(): void;
  disconnected(why: string): void;
}

/** Follows the events at a URL, through whatever breaks, until `signal` aborts. Throws where the service says no for good. */
export class EventFollower {
  /** The last id that was read: the next connection goes on from there. Undefined before the first answer. */
  private position: string | undefined;
  private isConnected: boolean | undefined;

  constructor(
    private readonly url: URL,
    private readonly headers: Record<string, string>,
    private readonly told: Told,
    private readonly signal: AbortSignal,
  ) {
    this.position = url.searchParams.get('after') ?? undefined;
  }

  async follow(): Promise<void> {
    while (!this.signal.aborted) {
      try {
        this.position ??= await this.present();
        await this.stream();
      } catch (error) {
        if (this.signal.aborted) return;
        if (error instanceof Refusal && !error.passes) throw error;
        this.say(false, reasonOf(error));
        const pause = error instanceof Refusal ? error.pauseMs : PAUSE_MS;
        await sleep(pause, undefined, { signal: this.signal }).catch(() => undefined);
      }
    }
  }

  /** The position of now, asked for before the first connection: what comes while that breaks is not missed. */
  private async present(): Promise<string | undefined> {
    const page = new URL(this.url);
    page.searchParams.set('pageSize', '1');
    const response = await fetch(page, { headers: this.headers, signal: this.signal });
    if (!response.ok) throw await refusalOf(response);
    await response.body?.cancel();
    return response.headers.get('x-event-sequence') ?? undefined;
  }

  /** Ends when the signal aborts; throws where the service refuses. `EventSource` comes again by itself where the network fails. */
  private async stream(): Promise<void> {
    let refusal: Refusal | undefined;
    const source = new EventSource(this.url, {
      fetch: async (url, init) => {
        const response = await this.connect(url, init);
        if (!response.ok) refusal = await refusalOf(response);
        return this.noting(response);
      },
    });
    source.addEventListener('message', ({ data }) => this.told.event(String(data)));
    source.addEventListener('open', () => this.say(true));
    try {
      await new Promise<void>((resolve, reject) => {
        this.signal.addEventListener('abort', () => resolve(), { once: true });
        source.addEventListener('error', ({ message }) => {
          if (source.readyState === source.CLOSED) reject(refusal ?? new Error(message));
          else this.say(false, message?.replace('TypeError: fetch failed: ', '') ?? 'the stream ended');
        });
      });
    } finally {
      source.close();
    }
  }

  private connect(url: string | URL, init: EventSourceFetchInit): Promise<Response> {
    const resume: Record<string, string> = this.position === undefined ? {} : { 'Last-Event-ID': this.position };
    return fetch(url, { ...init, headers: { ...init.headers, ...this.headers, ...resume } });
  }

  /**
   * The answer, with the ids taken out of what is read of it: the service also sends ids without events, which
   * `EventSource` does not keep, so that a reader whom nothing is for can go on from where it is.
   */
  private noting(response: Response): FetchLikeResponse {
    const { url, status, redirected, headers } = response;
    // A refusal was read before, to quote it: only the body of a success is still unread here.
    const reader = response.ok ? response.body?.getReader() : undefined;
    const ids = new IdReader((id) => (this.position = id));
    const body =
      reader &&
      new ReadableStream<Uint8Array>(
        {
          pull: async (controller) => {
            const { done, value } = await reader.read();
            if (done) return controller.close();
            controller.enqueue(value);
            ids.take(value);
          },
          cancel: (reason) => reader.cancel(reason),
        },
        // Nothing is read ahead: an id is noted when what is before it has been taken.
        { highWaterMark: 0 },
      );
    return { url, status, redirected, headers, body: body ?? null };
  }

  private say(isConnected: boolean, why = ''): void {
    if (this.isConnected === isConnected) return;
    this.isConnected = isConnected;
    if (isConnected) this.told.connected();
    else this.told.disconnected(why);
  }
}

/** The service's no, in its own words. */
class Refusal extends Error {
  constructor(
    sentence: string,
    /** True where the service may accept the same request later: then the follower sends it again. */
    readonly passes: boolean,
    readonly pauseMs: number,
  ) {
    super(sentence);
  }
}

async function refusalOf(response: Response): Promise<Refusal> {
  const { status, headers } = response;
  const { detail, errors = [] } = (await response.json().catch(() => ({}))) as {
    detail?: string;
    errors?: { pointer: string; message: string }[];
  };
  const passes = status === 429 || status >= 500;
  const seconds = Number(headers.get('retry-after'));
  const faults = errors.map(({ pointer, message }) => `${pointer}: ${message}`).join(' ');
  const sentence = faults || (detail ?? `${response.url} is not a pkgserver that tells events.`);
  return new Refusal(`${sentence} (${status})`, passes, seconds > 0 ? seconds * 1_000 : PAUSE_MS);
}

/** `fetch` says "fetch failed", and why in the cause. */
const reasonOf = (error: unknown): string =>
  messageOf(error instanceof TypeError && error.cause instanceof Error ? error.cause : error);
