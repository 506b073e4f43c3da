import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBareRepository } from './bare-repository.js';
import { runBackend } from './git-backend.js';
import { ownPort } from './own-port.js';

export interface GitRequest {
  /** Counts all requests to the server, from 0. */
  index: number;
  repository: string;
  service: 'git-upload-pack' | 'git-receive-pack' | null;
  method: string;
  /** `after`: Git has done its work (a push is in place), and the client has heard nothing of it yet. */
  phase: 'before' | 'after';
}

export interface Refusal {
  status: number;
  contentType: string;
  body: string;
  /** Default: both. */
  service?: 'git-upload-pack' | 'git-receive-pack';
}

/** `drop` ends the connection without an answer. */
export type RequestListener = (request: GitRequest) => Promise<void | 'drop'> | void | 'drop';

/** What becomes of an answer: other bytes, or `cut` after the first half. */
export type Tampering = (request: Pick<GitRequest, 'service' | 'method'>, body: Buffer) => Promise<Buffer | 'cut'>;

/** A Git server over smart HTTP (Node's http in front of `git http-backend`), on a port of its own of 127.0.0.1. */
export class GitServer {
  /** How many requests have come in. */
  requests = 0;
  readonly #sockets = new Set<Socket>();
  readonly #credentials = new Map<string, string>();
  readonly #hanging = new Set<string>();
  readonly #pages = new Map<string, string>();
  readonly #refusals = new Map<string, Refusal>();
  readonly #redirects = new Map<string, string>();
  readonly #oldProtocol = new Set<string>();
  readonly #tamperings = new Map<string, Tampering>();
  #listener: RequestListener | null = null;

  private constructor(
    readonly root: string,
    private readonly server: Server,
    private readonly scheme: 'http' | 'https',
    private readonly port: number,
  ) {}

  /** Over https, given a key and a certificate (PEM). */
  static async start(tls?: { key: string; cert: string }): Promise<GitServer> {
    const http = tls === undefined ? createServer() : createTlsServer(tls);
    const root = await mkdtemp(join(tmpdir(), 'git-server-'));
    const server = new GitServer(root, http, tls === undefined ? 'http' : 'https', await ownPort());
    http.on('connection', (socket) => {
      server.#sockets.add(socket);
      socket.once('close', () => server.#sockets.delete(socket));
    });
    http.on('request', (request, response) => {
      server.#answer(request, response).catch(() => response.destroy());
    });
    await server.up();
    return server;
  }

  /** Makes a bare repository `<name>.git` that takes pushes; unless `empty`, with one commit on `main` that holds a README.md. */
  async createRepository(name: string, { empty = false } = {}): Promise<{ url: string; path: string }> {
    const path = join(this.root, `${name}.git`);
    await makeBareRepository(path, { empty });
    return { url: this.url(name), path };
  }

  url(name: string): string {
    return `${this.scheme}://127.0.0.1:${this.port}/${name}.git`;
  }

  async stop(): Promise<void> {
    await this.down();
    await rm(this.root, { recursive: true, force: true });
  }

  /** Breaks all connections and refuses new ones. */
  async down(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Listens again, on the same port as before. */
  async up(): Promise<void> {
    if (this.server.listening) return;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.port, '127.0.0.1', resolve);
    });
  }

  requireBasic(name: string, user: string, password: string): void {
    this.#credentials.set(name, `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
  }

  requireBearer(name: string, token: string): void {
    this.#credentials.set(name, `Bearer ${token}`);
  }

  /** Takes requests for this repository and never answers them. */
  hang(name: string): void {
    this.#hanging.add(name);
  }

  unhang(name: string): void {
    this.#hanging.delete(name);
  }

  /** Answers every request for this name with a web page, as a wrong URL does; null answers as Git does again. */
  servePage(name: string, html: string | null): void {
    if (html === null) this.#pages.delete(name);
    else this.#pages.set(name, html);
  }

  /** Gets each answer of Git for this repository before it is sent, and says what is; null sends them as they are again. */
  tamper(name: string, change: Tampering | null): void {
    if (change === null) this.#tamperings.delete(name);
    else this.#tamperings.set(name, change);
  }

  /** Answers with this status and body what the service is asked for; null answers as Git does again. */
  refuse(name: string, refusal: Refusal | null): void {
    if (refusal === null) this.#refusals.delete(name);
    else this.#refusals.set(name, refusal);
  }

  /** Redirects every request for this name to the same request below another URL; null takes them here again. */
  redirect(name: string, url: string | null): void {
    if (url === null) this.#redirects.delete(name);
    else this.#redirects.set(name, url);
  }

  /** Knows nothing of the `Git-Protocol` header for this repository, as servers before 2018. */
  speakOldProtocol(name: string): void {
    this.#oldProtocol.add(name);
  }

  /** Calls the listener before and after each request; null calls none. */
  onRequest(listener: RequestListener | null): void {
    this.#listener = listener;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const index = this.requests++;
    const url = new URL(request.url ?? '/', 'http://localhost');
    const match = /^\/(.+?)(?:\.git)?(\/(?:info\/refs|HEAD|objects\/.*|git-(?:upload|receive)-pack))$/.exec(
      url.pathname,
    );
    const [, repository = '', action = ''] = match ?? [];
    const service = serviceOf(action, url.searchParams);
    const tell = (phase: GitRequest['phase']) =>
      this.#listener?.({ index, repository, service, method: request.method ?? 'GET', phase });
    if (this.#hanging.has(repository)) return;
    if ((await tell('before')) === 'drop') return void request.socket.destroy();
    const refusal = this.#refusals.get(repository);
    if (refusal && (refusal.service ?? service) === service) {
      request.resume();
      return void response.writeHead(refusal.status, { 'content-type': refusal.contentType }).end(refusal.body);
    }
    if (this.#answerByItself(repository, `${action}${url.search}`, request, response)) return;
    if (this.#oldProtocol.has(repository)) delete request.headers['git-protocol'];
    const tampering = this.#tamperings.get(repository);
    const result = await runBackend({
      root: this.root,
      path: `/${repository}.git${action}`,
      query: url.search.slice(1),
      request,
      // With a listener nothing may reach the client before the listener has been told.
      response: this.#listener === null && !tampering ? response : null,
    });
    if (result === null) return;
    if ((await tell('after')) === 'drop') return void request.socket.destroy();
    const body = await tampering?.({ service, method: request.method ?? 'GET' }, result.body);
    if (body === 'cut') {
      const half = result.body.subarray(0, result.body.length / 2);
      return void response.writeHead(result.status, result.headers).write(half, () => request.socket.destroy());
    }
    response.writeHead(result.status, result.headers).end(body ?? result.body);
  }

  /** What is answered without asking git: true if it was. */
  #answerByItself(name: string, rest: string, request: IncomingMessage, response: ServerResponse): boolean {
    const page = this.#pages.get(name);
    const redirect = this.#redirects.get(name);
    const credential = this.#credentials.get(name);
    if (page !== undefined) response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    else if (redirect !== undefined) response.writeHead(301, { location: redirect + rest }).end();
    else if (credential !== undefined && request.headers.authorization !== credential) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    } else return false;
    request.resume();
    return true;
  }
}

function serviceOf(action: string, query: URLSearchParams): GitRequest['service'] {
  const name = action === '/info/refs' ? query.get('service') : action.slice(1);
  return name === 'git-upload-pack' || name === 'git-receive-pack' ? name : null;
}
