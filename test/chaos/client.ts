import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import type { Body } from '../support/http-client.js';

/** What a client knows of a request it made; times in milliseconds since the epoch. */
export interface Answer {
  /** 0: no answer came, so that it may have been done or not. */
  status: number;
  body: Body;
  etag: string;
  start: number;
  end: number;
}

export interface ClientFigures {
  requests: number;
  accepted: number;
  refused: Record<string, number>;
  retries: number;
  lost: number;
}

/** A change that was asked for, however often it had to be repeated, and the last answer to it. */
export interface SentRequest {
  requestId: string;
  actor: string;
  method: string;
  path: string;
  /** As in {@link Answer}. */
  status: number;
}

/** Where an API is, and what lets its client in. */
export interface Door {
  url: string;
  token: string;
}

export const noFigures = (): ClientFigures => ({ requests: 0, accepted: 0, refused: {}, retries: 0, lost: 0 });

/** How long a careful client goes on repeating a request that gets no answer. */
const PATIENCE_MS = 20_000;

/** A careful client: it repeats what is safe to repeat, under the same Idempotency-Key, until it has an answer. */
export class Client {
  /** Answers to somebody who is known and may do everything. */
  readonly denials: string[] = [];

  constructor(
    private readonly door: Door,
    readonly name: string,
    private readonly figures: ClientFigures,
    /** Where all changes that are asked for are noted down. */
    private readonly sent: SentRequest[] = [],
  ) {}

  /** Repeated until it is answered: reading changes nothing. */
  get(path: string): Promise<Answer> {
    return this.#persist('GET', path, undefined, {});
  }

  /** Repeated under one Idempotency-Key, so that it is done once at most. */
  post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#persist('POST', path, body, { 'Idempotency-Key': randomUUID(), ...headers });
  }

  /** Sent once: without a key only reading tells what became of a change whose answer was lost. */
  async once(method: 'PUT' | 'PATCH' | 'DELETE', path: string, ifMatch: string, body?: unknown): Promise<Answer> {
    const request = this.#note(method, path);
    const answer = await this.#send(method, path, body, { ...idOf(request), 'If-Match': quoted(ifMatch) });
    request.status = answer.status;
    return answer;
  }

  async #persist(method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Answer> {
    const start = Date.now();
    const request = this.#note(method, path);
    for (let pause = 20; ; pause = Math.min(pause * 2, 400)) {
      const answer = await this.#send(method, path, body, { ...idOf(request), ...headers });
      request.status = answer.status;
      if (answer.status !== 0 || Date.now() - start > PATIENCE_MS) return { ...answer, start };
      this.figures.retries += 1;
      await sleep(pause);
    }
  }

  #note(method: string, path: string): SentRequest {
    const request = { requestId: randomUUID(), actor: this.name, method, path, status: 0 };
    if (method !== 'GET') this.sent.push(request);
    return request;
  }

  async #send(method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Answer> {
    const start = Date.now();
    this.figures.requests += 1;
    try {
      const response = await fetch(`${this.door.url}/api/v1${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${this.door.token}`,
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(8_000),
      });
      const text = await response.text();
      // A fault of the server may come before or after its transaction was committed.
      if (response.status >= 500) throw new Error(text);
      if (response.status < 300) this.figures.accepted += method === 'GET' ? 0 : 1;
      else this.figures.refused[response.status] = (this.figures.refused[response.status] ?? 0) + 1;
      if (response.status === 401 || response.status === 403) {
        this.denials.push(`access: ${method} ${path} of ${this.name} was answered ${response.status}: ${text}`);
      }
      const etag = (response.headers.get('etag') ?? '').replaceAll('"', '');
      const content = (text === '' ? {} : JSON.parse(text)) as Body;
      return { status: response.status, body: content, etag, start, end: Date.now() };
    } catch {
      this.figures.lost += 1;
      return { status: 0, body: {} as Body, etag: '', start, end: Infinity };
    }
  }
}

const idOf = ({ requestId }: SentRequest) => ({ 'X-Request-Id': requestId });

const quoted = (etag: string): string => (etag === '*' ? etag : `"${etag}"`);
