import { connect } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { CONNECT_FAILED, ForwardProxies, proxyAgent, proxyFault, proxyRefusal } from './forward-proxy.js';
import {
  bareHost,
  guardedLookup,
  HostPolicy,
  type HostPolicyOptions,
  HostRefusedError,
  portOf,
} from './host-policy.js';

export interface ProbeOptions extends HostPolicyOptions {
  timeoutMs: number;
  proxies?: ForwardProxies;
  /** PEM of the certificates that the host is to show; undefined: those that the machine trusts. */
  ca?: string | undefined;
}

export interface ProbeAnswer {
  /** Of HTTP; null of SSH. */
  status: number | null;
  /** The name of the proxy that it went through. */
  proxy?: string | undefined;
}

/**
 * Asks the host of a Git repository whether it is there, without credentials: of http(s) for the refs, of SSH for its first
 * line. Throws HostRefusedError where the policy refuses it, else an Error whose message is a sentence for operators.
 */
export async function probeHost(url: URL, options: ProbeOptions): Promise<ProbeAnswer> {
  const policy = new HostPolicy(options);
  policy.check(url);
  const lookup = policy.trusts(url) ? {} : { lookup: guardedLookup };
  if (url.protocol === 'ssh:') return greet(url, options.timeoutMs, lookup);
  const { timeoutMs, ca } = options;
  const proxy = (options.proxies ?? ForwardProxies.NONE).for(url);
  const waits = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs, allowH2: false };
  const agent: Dispatcher = proxy
    ? proxyAgent(proxy, { connectMs: timeoutMs, idleMs: timeoutMs }, ca)
    : new Agent({ ...waits, connect: { timeout: timeoutMs, ...lookup, ...(ca !== undefined && { ca }) } });
  const path = `${url.pathname.replace(/\/+$/, '')}/info/refs?service=git-upload-pack`;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const { statusCode, body } = await agent.request({ origin: url.origin, path, method: 'GET', signal });
    // Nothing of it is read, and it is cut off below.
    body.on('error', () => undefined);
    if (proxy && statusCode === 407) throw new Error(proxyRefusal(proxy, url.host, statusCode));
    return { status: statusCode, proxy: proxy?.name };
  } catch (error) {
    const fault = proxy && proxyFault(error, proxy, url.host);
    throw fault === undefined ? hostFault(error, url) : new Error(fault, { cause: error });
  } finally {
    await agent.destroy();
  }
}

function greet(url: URL, timeoutMs: number, lookup: object): Promise<ProbeAnswer> {
  return new Promise<ProbeAnswer>((resolve, reject) => {
    const socket = connect({ host: bareHost(url), port: Number(portOf(url)), ...lookup });
    const end = (error?: Error) => {
      socket.destroy();
      if (error) reject(hostFault(error, url));
      else resolve({ status: null });
    };
    socket.setTimeout(timeoutMs, () => end(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
    socket.once('error', end);
    socket.once('end', () => end(new Error('it ends the connection before it says anything')));
    socket.once('data', (first: Buffer) =>
      end(first.toString('latin1').startsWith('SSH-') ? undefined : new Error('what answers does not speak SSH')),
    );
  });
}

/** A refusal stays what it is. */
function hostFault(error: unknown, { host }: URL): Error {
  let last = 'it does not answer';
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof HostRefusedError) return cause;
    const failed = CONNECT_FAILED[(cause as NodeJS.ErrnoException).code ?? ''];
    if (failed !== undefined) return new Error(`${host} ${failed}.`, { cause: error });
    if (cause.name === 'TimeoutError') return new Error(`${host} does not answer in time.`, { cause: error });
    last = cause.message || last;
  }
  return new Error(`${host} cannot be used: ${last}.`, { cause: error });
}
