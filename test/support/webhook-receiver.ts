import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import type { StreamedEvent } from './event-reader.js';

/** A call that a receiver got. */
export interface Received {
  id: string;
  headers: IncomingMessage['headers'];
  event: StreamedEvent;
  /** Whether the library of Standard Webhooks takes it for one of the webhook's owner. */
  isSigned(secret: string): boolean;
}

type Answering = (response: ServerResponse, call: Received) => unknown;

/** Takes webhooks; answers 204 unless told otherwise. */
export class WebhookReceiver {
  readonly calls: Received[] = [];
  answering: Answering = (response) => response.writeHead(204).end();

  private constructor(private readonly server: Server) {}

  static async start(answering?: Answering): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    if (answering) receiver.answering = answering;
    server.on('request', (request, response) => void receiver.take(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const { headers } = request;
    const isSigned = (secret: string) => {
      try {
        new Webhook(secret).verify(body, headers as Record<string, string>);
        return true;
      } catch {
        return false;
      }
    };
    const event = JSON.parse(body.toString()) as StreamedEvent;
    const call = { id: String(headers['webhook-id']), headers, event, isSigned };
    this.calls.push(call);
    this.answering(response, call);
  }
}
