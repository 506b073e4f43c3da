import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** What the proxy was asked for. */
export interface Asked {
  method: string;
  /** `host:port` for a tunnel, else the whole URL. */
  target: string;
  headers: IncomingMessage['headers'];
}

/** A forward proxy on a free port of 127.0.0.1: tunnels (CONNECT), and requests in absolute form. */
export class ForwardProxy {
  readonly asked: Asked[] = [];
  /** Answers with this status in place of the host, to all requests. */
  refusing: number | null = null;
  /** `user:password` that it asks for. */
  wanted: string | null = null;
  /** Where names lead, as it resolves them: `host:port` by `host:port`. */
  readonly names = new Map<string, string>();
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly listener: Server) {}

  static async start(): Promise<ForwardProxy> {
    const listener = createServer();
    const proxy = new ForwardProxy(listener);
    listener.on('connection', (socket: Socket) => proxy.#keep(socket));
    listener.on('connect', (asked: IncomingMessage, socket: Socket) => proxy.#tunnel(asked, socket));
    listener.on('request', (asked, answer) => {
      const refused = proxy.#judge(asked);
      if (refused !== null) return void answer.writeHead(refused).end('refused by the proxy');
      const url = new URL(asked.url ?? '');
      url.host = proxy.#resolve(url.host);
      const headers = { ...asked.headers };
      delete headers['proxy-authorization'];
      const onward = request(url, { method: asked.method, headers }, (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      asked.pipe(onward);
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return proxy;
  }

  get host(): string {
    return `127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.listener, 'close');
    this.listener.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #tunnel(asked: IncomingMessage, socket: Socket): void {
    const refused = this.#judge(asked);
    if (refused !== null) return void socket.end(`HTTP/1.1 ${refused} Refused\r\nContent-Length: 0\r\n\r\n`);
    const [host, port] = this.#resolve(asked.url ?? '').split(':');
    const onward = connect(Number(port), host);
    this.#keep(onward);
    onward.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  }

  /** The status that refuses; null lets through. */
  #judge({ method = '', url = '', headers }: IncomingMessage): number | null {
    this.asked.push({ method, target: url, headers });
    if (this.refusing !== null) return this.refusing;
    const shown = this.wanted === null ? null : `Basic ${Buffer.from(this.wanted).toString('base64')}`;
    return shown === null || headers['proxy-authorization'] === shown ? null : 407;
  }

  #resolve(place: string): string {
    return this.names.get(place) ?? place;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
