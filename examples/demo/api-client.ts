import { terminal } from './terminal.js';

export interface Call {
  /** Whose token is sent; the administrator's, if left out. */
  as?: string;
  ifMatch?: string;
  /** Waits for the Git remote instead of taking a 202 and an Operation. */
  wait?: boolean;
  body?: unknown;
  /** The status that the demo counts on. */
  expect?: number;
}

export interface Answer<Body> {
  status: number;
  body: Body;
  /** As `If-Match` takes it. */
  etag: string;
}

/** A page of a list, as far as the demo reads it. */
export interface Page<Item> {
  items: Item[];
}

/** The parts of a Problem (RFC 9457) that a person reads. */
export interface Problem {
  title: string;
  detail: string;
  code: string;
}

export const ADMIN = 'admin';

/** Calls the public API as any client would, and prints each request. */
export class ApiClient {
  /** `signal` ends the request under way. */
  constructor(
    private readonly url: string,
    private readonly signal: AbortSignal,
  ) {}

  private readonly tokens = new Map<string, string>();

  /** From now on `as: user` sends this token. */
  signIn(user: string, token: string): void {
    this.tokens.set(user, token);
  }

  async send<Body>(method: string, path: string, call: Call = {}): Promise<Answer<Body>> {
    const { as: user = ADMIN } = call;
    const headers: Record<string, string> = {
      ...(call.ifMatch === undefined ? {} : { 'If-Match': call.ifMatch }),
      ...(call.wait ? { Prefer: 'wait=30' } : {}),
    };
    const shown = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    shown.unshift(`Authorization: Bearer <token of ${user}>`);
    terminal.request(method, `/api/v1${path}`, shown.join('  '), call.body === undefined ? '' : abridge(call.body));
    return this.ask(method, path, call, headers);
  }

  /** Reads without printing: for what only the demo wants to know. */
  async peek<Body>(path: string): Promise<Body> {
    return (await this.ask<Body>('GET', path, {}, {})).body;
  }

  /** Sends without printing: for what is done many times over. */
  async quietly<Body>(method: string, path: string, call: Call): Promise<Answer<Body>> {
    return this.ask<Body>(method, path, call, call.ifMatch === undefined ? {} : { 'If-Match': call.ifMatch });
  }

  private async ask<Body>(
    method: string,
    path: string,
    call: Call,
    headers: Record<string, string>,
  ): Promise<Answer<Body>> {
    const { as: user = ADMIN, body: sent } = call;
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...headers,
        Authorization: `Bearer ${this.tokens.get(user)}`,
        ...(sent !== undefined && { 'Content-Type': 'application/json' }),
      },
      body: sent === undefined ? undefined : JSON.stringify(sent),
      signal: this.signal,
    });
    const text = await response.text();
    const expected = call.expect === undefined ? response.ok : response.status === call.expect;
    if (!expected) throw new Error(`${method} /api/v1${path} answered ${response.status}: ${text}`);
    const body = (text === '' ? undefined : JSON.parse(text)) as Body;
    return { status: response.status, body, etag: response.headers.get('etag') ?? '' };
  }
}

/** One line of JSON in which the content of a file, and what is in a long list, is only counted. */
function abridge(body: unknown): string {
  return JSON.stringify(body, (_, value: unknown) => {
    if (typeof value === 'string' && value.includes('\n')) return `… ${value.split('\n').length - 1} lines`;
    return Array.isArray(value) && value.length > 10 ? [value[0], `… ${value.length - 1} more`] : value;
  });
}
