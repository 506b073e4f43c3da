import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A reverse proxy on a free port of 127.0.0.1 that serves servers under `prefix`, which it takes off. */
export class ReverseProxy {
  private targets: readonly string[] = [];
  private turn = 0;

  private constructor(
    private readonly listener: Server,
    private readonly prefix: string,
  ) {}

  /** Sets `headers` on each request; the others pass as they come. */
  static async start(prefix: string, headers: Record<string, string> = {}): Promise<ReverseProxy> {
    const listener = createServer((incoming, outgoing) => {
      const { url = '', method, headers: given } = incoming;
      const path = url.slice(prefix.length);
      // Nothing else is served here: what leads out of the prefix shows.
      if (!url.startsWith(prefix) || !/^[/?]/.test(path))
        return void outgoing.writeHead(404).end('outside of the prefix');
      const onward = request(new URL(proxy.next() + path), { method, headers: { ...given, ...headers } }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      outgoing.on('close', () => onward.destroy());
      incoming.pipe(onward);
    });
    const proxy = new ReverseProxy(listener, prefix);
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return proxy;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  /** Where its clients see what it serves. */
  get url(): string {
    return this.origin + this.prefix;
  }

  /** `urls` without a slash at their end; requests go to them in turn. */
  pointTo(...urls: string[]): void {
    this.targets = urls;
  }

  private next(): string {
    this.turn += 1;
    return this.targets[this.turn % this.targets.length] ?? '';
  }

  async stop(): Promise<void> {
    const closed = once(this.listener, 'close');
    this.listener.close();
    this.listener.closeAllConnections();
    await closed;
  }
}
