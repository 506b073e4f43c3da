import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What becomes of one new connection. */
export interface Fault {
  /** Reset at once, before a byte went through. */
  refuse?: boolean;
  /** Milliseconds before each piece goes on, in both directions. */
  delay?: number;
  /** Reset when so many bytes have come from that side; the piece that exceeds it goes through in part. */
  cutAfter?: { bytes: number; from: 'client' | 'server' };
}

export interface ProxyCounts {
  connections: number;
  refused: number;
  delayed: number;
  cut: number;
}

/** A TCP proxy on a free port of 127.0.0.1 that does to connections what networks do to them. */
export class TcpProxy {
  readonly counts: ProxyCounts = { connections: 0, refused: 0, delayed: 0, cut: 0 };
  readonly #pairs = new Set<{ client: Socket; server: Socket }>();
  #fault: (() => Fault) | null = null;

  /** Nobody, until {@link pointTo} says who. */
  private targets = [{ host: '127.0.0.1', port: 9 }];

  private constructor(private readonly listener: Server) {}

  /** For connections to a URL's host; where that is not known yet, {@link pointTo} says it later. */
  static async start(url?: string): Promise<TcpProxy> {
    const listener = createServer();
    const proxy = new TcpProxy(listener);
    if (url !== undefined) proxy.pointTo(url);
    listener.on('connection', (client) => proxy.#serve(client));
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** The same URL, through this proxy. */
  through(url: string): string {
    const proxied = new URL(url);
    [proxied.hostname, proxied.port] = ['127.0.0.1', String(this.port)];
    return proxied.href;
  }

  /** Where new connections go from now on: to each in turn. */
  pointTo(...urls: string[]): void {
    this.targets = urls.map((url) => {
      const { hostname, port } = new URL(url);
      return { host: hostname, port: Number(port) };
    });
  }

  /** Asked for every new connection; null: all go through untouched. */
  onConnection(fault: (() => Fault) | null): void {
    this.#fault = fault;
  }

  /** Resets all connections, or each with this probability. */
  cutNow(chosen: () => boolean = () => true): void {
    for (const pair of this.#pairs) if (chosen()) this.#cut(pair);
  }

  async stop(): Promise<void> {
    const closed = once(this.listener, 'close');
    this.listener.close();
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    await closed;
  }

  #serve(client: Socket): void {
    this.counts.connections += 1;
    const fault = this.#fault?.() ?? {};
    client.on('error', () => client.destroy());
    if (fault.refuse) {
      this.counts.refused += 1;
      client.resetAndDestroy();
      return;
    }
    if (fault.delay) this.counts.delayed += 1;
    const target = this.targets[this.counts.connections % this.targets.length];
    if (!target) return void client.resetAndDestroy();
    const server = connect(target);
    const pair = { client, server };
    this.#pairs.add(pair);
    server.on('error', () => client.destroy());
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.setNoDelay(true);
      one.once('close', () => {
        other.destroy();
        this.#pairs.delete(pair);
      });
    }
    void this.#pass(pair, 'client', fault);
    void this.#pass(pair, 'server', fault);
  }

  async #pass(pair: { client: Socket; server: Socket }, from: 'client' | 'server', fault: Fault): Promise<void> {
    const [source, sink] = from === 'client' ? [pair.client, pair.server] : [pair.server, pair.client];
    let left = fault.cutAfter?.from === from ? fault.cutAfter.bytes : Infinity;
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        if (fault.delay) await sleep(fault.delay);
        const passed = chunk.subarray(0, left);
        left -= passed.length;
        if (passed.length > 0 && !sink.write(passed)) await takesMore(sink);
        if (left <= 0) {
          await new Promise((resolve) => setImmediate(resolve));
          this.#cut(pair);
          return;
        }
      }
      sink.end();
    } catch {
      sink.destroy();
    }
  }

  #cut({ client, server }: { client: Socket; server: Socket }): void {
    if (client.destroyed && server.destroyed) return;
    this.counts.cut += 1;
    client.resetAndDestroy();
    // What the server sent is lost, but what it was sent arrives: that is the interesting case.
    server.end();
    setTimeout(() => server.destroy(), 50).unref();
  }
}

/** Until more can be written, or nothing any more. */
function takesMore(sink: Socket): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      sink.off('drain', go).off('close', go);
      resolve();
    };
    sink.on('drain', go).on('close', go);
  });
}
