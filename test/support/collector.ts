import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A span as the collector was sent it. */
export interface CollectedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  state: string;
  /** Undefined unless it failed. */
  error: string | undefined;
  attributes: Record<string, string | number>;
  /** The ids of other spans that it is linked with. */
  links: string[];
  /** What its process says of itself. */
  resource: Record<string, string | number>;
}

/** Takes traces as OpenTelemetry's collector does: by OTLP over HTTP, in either form. */
export class Collector {
  readonly spans: CollectedSpan[] = [];
  readonly mediaTypes = new Set<string>();
  /** What came as `x-api-key`. */
  readonly keys = new Set<unknown>();
  /** `hang`: nothing is answered any more. `refuse`: everything is, with a fault. */
  mood: 'take' | 'hang' | 'refuse' = 'take';

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Collector> {
    const server = createServer();
    const collector = new Collector(server);
    server.on('request', (request, response) => void collector.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  trace(traceId: string): CollectedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    if (this.mood === 'hang') return;
    if (this.mood === 'refuse' || request.url !== '/v1/traces') return void response.writeHead(400).end();
    const mediaType = request.headers['content-type'] ?? '';
    this.mediaTypes.add(mediaType);
    this.keys.add(request.headers['x-api-key']);
    const isJson = mediaType === 'application/json';
    this.spans.push(...(isJson ? fromJson(JSON.parse(body.toString()) as Json) : fromProtobuf(body)));
    response.writeHead(200, { 'Content-Type': mediaType }).end(isJson ? '{}' : '');
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

interface JsonAttribute {
  key: string;
  value: { stringValue?: string; intValue?: number };
}
interface JsonSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  traceState?: string;
  name: string;
  attributes: JsonAttribute[];
  links: { spanId: string }[];
  status: { code: number; message?: string };
}
interface Json {
  resourceSpans: { resource: { attributes: JsonAttribute[] }; scopeSpans: { spans: JsonSpan[] }[] }[];
}

const ERROR = 2;

function fromJson({ resourceSpans }: Json): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId, spanId, parentSpanId = '', name, traceState = '', attributes, links, status }) => ({
        ...{ traceId, spanId, parentSpanId, name, state: traceState },
        error: status.code === ERROR ? (status.message ?? '') : undefined,
        attributes: jsonAttributes(attributes),
        links: links.map((link) => link.spanId),
        resource: jsonAttributes(resource.attributes),
      })),
    ),
  );
}

const jsonAttributes = (attributes: readonly JsonAttribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? '']));

/** The numbers are those of opentelemetry/proto/trace/v1/trace.proto. */
function fromProtobuf(body: Buffer): CollectedSpan[] {
  return messages(read(body), 1).flatMap((resourceSpans) => {
    const resource = Object.assign({}, ...messages(resourceSpans, 1).map((each) => attributesOf(each, 1)));
    return messages(resourceSpans, 2).flatMap((scopeSpans) =>
      messages(scopeSpans, 2).map((span) => {
        const [status = new Map()] = messages(span, 15);
        return {
          traceId: bytes(span, 1).toString('hex'),
          spanId: bytes(span, 2).toString('hex'),
          state: bytes(span, 3).toString(),
          parentSpanId: bytes(span, 4).toString('hex'),
          name: bytes(span, 5).toString(),
          attributes: attributesOf(span, 9),
          links: messages(span, 13).map((link) => bytes(link, 2).toString('hex')),
          error: status.get(3)?.[0] === ERROR ? bytes(status, 2).toString() : undefined,
          resource,
        };
      }),
    );
  });
}

type Message = Map<number, (Buffer | number)[]>;

const bytes = (message: Message, field: number) => (message.get(field)?.[0] ?? Buffer.alloc(0)) as Buffer;
const messages = (message: Message, field: number) => (message.get(field) ?? []).map((each) => read(each as Buffer));
const attributesOf = (message: Message, field: number): Record<string, string | number> =>
  Object.fromEntries(
    messages(message, field).map((pair) => {
      const [value = new Map()] = messages(pair, 2);
      return [bytes(pair, 1).toString(), value.has(1) ? bytes(value, 1).toString() : (value.get(3)?.[0] ?? '')];
    }),
  );

/** Protobuf's wire format. */
function read(body: Buffer): Message {
  const message: Message = new Map();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = body[at++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const chunk = (length: number) => body.subarray(at, (at += length));
  while (at < body.length) {
    const tag = varint();
    const form = tag & 7;
    const value = form === 0 ? varint() : chunk(form === 1 ? 8 : form === 5 ? 4 : varint());
    message.set(tag >>> 3, [...(message.get(tag >>> 3) ?? []), value]);
  }
  return message;
}
