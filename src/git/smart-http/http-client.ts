import { hash } from 'node:crypto';
import { Agent, type Dispatcher } from 'undici';
import { ForwardProxies, type Proxy, proxyAgent } from '../../net/forward-proxy.js';
import { networkError, reasonIn, statusError } from '../git-error.js';
import { guardedLookup, HostPolicy, type HostPolicyOptions } from '../../net/host-policy.js';
import { KnownRemotes } from './known-remotes.js';
import { GitError, type GitTarget } from '../port.js';

export type GitService = 'git-upload-pack' | 'git-receive-pack';

export interface GitHttpOptions extends HostPolicyOptions {
  /** Default 10 s. */
  connectTimeoutMs?: number;
  /** The longest silence, before the first byte or between two. Default 60 s. */
  idleTimeoutMs?: number;
  /** What is called through them is resolved by them. */
  proxies?: ForwardProxies;
}

/** Smart HTTP's two requests, and nothing of what is in them. One for all repositories: it pools connections. */
export class GitHttpClient {
  readonly policy: HostPolicy;
  readonly proxies: ForwardProxies;
  /** Agents by what they demand of a connection: its proxy, or whether the address is guarded; which certificates are believed. */
  readonly #agents = new Map<string, Dispatcher>();
  readonly #known = new KnownRemotes();

  constructor(private readonly options: GitHttpOptions) {
    this.policy = new HostPolicy(options);
    this.proxies = options.proxies ?? ForwardProxies.NONE;
  }

  remote(target: GitTarget): GitHttpRemote {
    const wayTo = (url: URL): Way => {
      this.policy.check(url);
      const proxy = this.proxies.for(url);
      return { proxy, dispatcher: this.#agent(proxy ?? !this.policy.trusts(url), target.caBundle) };
    };
    return new GitHttpRemote(target, wayTo, this.#known);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
  }

  #agent(by: Proxy | boolean, ca: string | undefined): Dispatcher {
    const key = `${typeof by === 'object' ? by.name : by} ${ca === undefined ? '' : digest(ca)}`;
    const known = this.#agents.get(key);
    if (known) return known;
    const { connectTimeoutMs: timeout = 10_000, idleTimeoutMs: idle = 60_000 } = this.options;
    const connect = { timeout, ...(by === true && { lookup: guardedLookup }), ...(ca !== undefined && { ca }) };
    const agent =
      typeof by === 'object'
        ? proxyAgent(by, { connectMs: timeout, idleMs: idle }, ca)
        : new Agent({ headersTimeout: idle, bodyTimeout: idle, allowH2: false, connect });
    this.#agents.set(key, agent);
    return agent;
  }
}

/** How a URL is called: directly where there is no proxy. */
interface Way {
  proxy: Proxy | undefined;
  dispatcher: Dispatcher;
}

/** So much is read of an answer that refuses. */
const MAX_REASON_BYTES = 4 * 1024;

/** One remote repository over HTTP. */
export class GitHttpRemote {
  /** The header that requests carry. */
  readonly authorization: string | null;
  /** The URL as registered, without a slash at its end. */
  readonly #url: string;
  /** Where requests go: the registered URL, or where `info/refs` was redirected to (`/repo` → `/repo.git`). */
  #base: string;
  #discovered = false;
  /** Tells remotes apart, and who asks them. */
  readonly #key: string;

  constructor(
    target: GitTarget,
    private readonly wayTo: (url: URL) => Way,
    private readonly known: KnownRemotes,
  ) {
    this.#url = target.url.replace(/\/+$/, '');
    this.#base = this.#url;
    this.authorization = authorization(target);
    this.#key = digest(JSON.stringify([this.#url, this.authorization, target.caBundle]));
  }

  get discovered(): boolean {
    return this.#discovered;
  }

  /** Where the repository is, once it was discovered. */
  get location(): URL {
    return this.#parse(this.#base);
  }

  /** The capabilities that {@link note} was given within the hour; the remote then counts as discovered. */
  recall(service: GitService): ReadonlySet<string> | undefined {
    const known = this.known.find(`${service} ${this.#key}`);
    if (known === undefined) return undefined;
    this.#base = known.base;
    this.#discovered = true;
    return known.capabilities;
  }

  /** Remembers what the service can do, so that it can be called without asking it first. */
  note(service: GitService, capabilities: ReadonlySet<string>): void {
    this.known.note(`${service} ${this.#key}`, { base: this.#base, capabilities });
  }

  /** Forgets what was recalled, since it may no longer be true. */
  forget(service: GitService): void {
    this.known.forget(`${service} ${this.#key}`);
    this.#base = this.#url;
    this.#discovered = false;
  }

  /** GET info/refs: what the service offers. `protocol` asks for a protocol version that servers may ignore. */
  async *advertisement(service: GitService, signal: AbortSignal, protocol?: string): AsyncGenerator<Buffer> {
    const query = `/info/refs?service=${service}`;
    const headers: Record<string, string> = protocol ? { 'git-protocol': protocol } : {};
    let url = this.#parse(this.#base + query);
    let response = await this.#request('GET', url, headers, null, signal);
    // One hop, on the same host only: a credential must not travel to another.
    const location = response.headers.location;
    if (response.statusCode >= 300 && response.statusCode < 400 && typeof location === 'string') {
      const next = this.#parse(new URL(location, url).href);
      if (next.origin !== url.origin || !next.href.endsWith(query)) {
        await response.body.dump();
        throw statusError(response.statusCode, url.host);
      }
      await response.body.dump();
      url = next;
      response = await this.#request('GET', url, headers, null, signal);
    }
    await this.#expectGit(response, `application/x-${service}-advertisement`, url);
    this.#base = url.href.slice(0, -query.length);
    this.#discovered = true;
    yield* this.#read(response, url, signal);
  }

  /** POST to the service. */
  async *call(service: GitService, body: Buffer, signal: AbortSignal, protocol?: string): AsyncGenerator<Buffer> {
    const url = this.#parse(`${this.#base}/${service}`);
    const headers: Record<string, string> = {
      'content-type': `application/x-${service}-request`,
      accept: `application/x-${service}-result`,
      ...(protocol ? { 'git-protocol': protocol } : {}),
    };
    const response = await this.#request('POST', url, headers, body, signal);
    await this.#expectGit(response, `application/x-${service}-result`, url);
    yield* this.#read(response, url, signal);
  }

  #parse(url: string): URL {
    if (!URL.canParse(url)) throw new GitError('notFound', 'The URL of the repository is not a valid URL.');
    return new URL(url);
  }

  async #request(
    method: 'GET' | 'POST',
    url: URL,
    extra: Record<string, string>,
    body: Buffer | null,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    // Some hosts answer with a web page unless the client's name starts with `git/`.
    const headers: Record<string, string> = { 'user-agent': 'git/pkgserver', 'accept-encoding': 'identity', ...extra };
    if (this.authorization !== null) headers.authorization = this.authorization;
    let proxy: Proxy | undefined;
    try {
      const way = this.wayTo(url);
      proxy = way.proxy;
      return await way.dispatcher.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers,
        body,
        signal,
      });
    } catch (error) {
      throw signal.aborted ? signal.reason : networkError(error, url.host, proxy);
    }
  }

  async #expectGit({ statusCode, headers, body }: Dispatcher.ResponseData, wanted: string, url: URL): Promise<void> {
    const contentType = String(headers['content-type']);
    if (statusCode === 200 && contentType.split(';')[0]?.trim() === wanted) return;
    const beginning = await beginningOf(body);
    if (statusCode === 200) {
      throw new GitError('protocol', `${url.host} does not answer as a Git server would.`);
    }
    const signedIn = this.authorization !== null;
    const { proxy } = this.wayTo(url);
    throw statusError(statusCode, url.host, { reason: reasonIn(beginning, contentType), signedIn, proxy });
  }

  /** Only errors of the connection are translated here: those of the reader do not pass through a generator. */
  async *#read(response: Dispatcher.ResponseData, url: URL, signal: AbortSignal): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of response.body) yield chunk as Buffer;
    } catch (error) {
      throw signal.aborted ? signal.reason : networkError(error, url.host, this.wayTo(url).proxy);
    }
  }
}

/** The first bytes of a body; the rest is left where it is. */
async function beginningOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length >= MAX_REASON_BYTES) break;
    }
  } catch {
    // What has come may do.
  }
  return Buffer.concat(chunks).toString('utf8', 0, MAX_REASON_BYTES);
}

function authorization({ credential }: GitTarget): string | null {
  if (credential === undefined || 'privateKey' in credential) return null;
  if ('token' in credential) return `Bearer ${credential.token}`;
  return `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`;
}

const digest = (text: string): string => hash('sha256', text, 'hex');
