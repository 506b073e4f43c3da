import { Agent, type Dispatcher } from 'undici';
import { joinSignals } from '../async/join-signals.js';
import { ForwardProxies, type Proxy, proxyAgent, proxyFault } from './forward-proxy.js';
import { guardedLookup, HostPolicy, type HostPolicyOptions } from './host-policy.js';

export interface GuardedHttpOptions extends HostPolicyOptions {
  /** So long an answer may take, from the connection to its end. */
  timeoutMs: number;
  proxies?: ForwardProxies;
}

/** What a receiver has answered. */
export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The beginning of its body. */
  beginning: Buffer;
}

/** So much is read of an answer. */
const MAX_ANSWER_BYTES = 4 * 1024;

/** Posts to URLs that users give: only to hosts that the policy allows, and never to where those would send it instead. */
export class GuardedHttp {
  private readonly policy: HostPolicy;
  private readonly guarded: Agent;
  private readonly trusted: Agent;
  private readonly proxied = new Map<Proxy, Dispatcher>();

  constructor(private readonly options: GuardedHttpOptions) {
    this.policy = new HostPolicy(options);
    const { timeoutMs } = options;
    const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs, allowH2: false };
    this.guarded = new Agent({ ...timeouts, connect: { timeout: timeoutMs, lookup: guardedLookup } });
    this.trusted = new Agent({ ...timeouts, connect: { timeout: timeoutMs } });
  }

  /** Throws HostRefusedError where the URL alone is reason enough. */
  check(url: URL): void {
    this.policy.check(url);
  }

  /** Throws where no whole answer came in time, or `signal` aborted. */
  async post(url: URL, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<HttpAnswer> {
    this.policy.check(url);
    const proxy = (this.options.proxies ?? ForwardProxies.NONE).for(url);
    const dispatcher = this.dispatcher(url, proxy);
    const { signal: inTime, leave } = joinSignals(signal, AbortSignal.timeout(this.options.timeoutMs));
    const path = url.pathname + url.search;
    const asked = { origin: url.origin, path, method: 'POST', headers, body, signal: inTime } as const;
    try {
      const answer = await dispatcher.request(asked).catch((error: unknown) => {
        const fault = proxy && proxyFault(error, proxy, url.host);
        throw fault === undefined ? error : new Error(fault, { cause: error });
      });
      return { status: answer.statusCode, headers: answer.headers, beginning: await beginningOf(answer.body) };
    } finally {
      leave();
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.guarded, this.trusted, ...this.proxied.values()].map((agent) => agent.destroy()));
  }

  private dispatcher(url: URL, proxy: Proxy | undefined): Dispatcher {
    if (proxy === undefined) return this.policy.trusts(url) ? this.trusted : this.guarded;
    const { timeoutMs } = this.options;
    const agent = this.proxied.get(proxy) ?? proxyAgent(proxy, { connectMs: timeoutMs, idleMs: timeoutMs });
    this.proxied.set(proxy, agent);
    return agent;
  }
}

/** Of a longer body the rest is not waited for; its connection is closed. */
async function beginningOf(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES);
}
