import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import {
  createTraceState,
  type Link,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer as OtelTracer,
} from '@opentelemetry/api';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { TraceContext } from '../logging/request-context.js';
import { type Attributes, type Span, type SpanOptions, Tracer } from './tracer.js';

const logger = new Logger('Tracing');

/** What may still be sent once the process was told to stop, in milliseconds. */
const STOP_MS = 500;

export interface OtlpOptions {
  /** The collector, without `/v1/traces`. */
  endpoint: string;
  protocol: 'http/protobuf' | 'http/json';
  /** As others find the process, such as its version. */
  attributes: Attributes;
  /** Overrules what the environment says of it in any other way. */
  serviceName: string | undefined;
}

/**
 * Sends spans by OTLP. The only importer of OpenTelemetry, loaded where it is asked for. Headers, certificates, sampling
 * and sizes are read by the SDK from its own variables. Nothing global is set, and no module is patched.
 */
export class OtlpTracer extends Tracer {
  static async open({ endpoint, protocol, attributes, serviceName }: OtlpOptions): Promise<OtlpTracer> {
    const { OTLPTraceExporter } =
      protocol === 'http/json'
        ? await import('@opentelemetry/exporter-trace-otlp-http')
        : await import('@opentelemetry/exporter-trace-otlp-proto');
    const { host } = new URL(endpoint);
    logger.log(`Traces: to ${host} by OTLP, ${protocol}`);
    const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
    const resource = resourceFromAttributes({ 'service.name': 'pkgserver', 'host.name': hostname(), ...attributes })
      .merge(detectResources({ detectors: [envDetector] }))
      .merge(resourceFromAttributes(serviceName === undefined ? {} : { 'service.name': serviceName }));
    const spanProcessors = [new BatchSpanProcessor(telling(exporter, host))];
    return new OtlpTracer(new BasicTracerProvider({ resource, spanProcessors }));
  }

  private readonly tracer: OtelTracer;
  private stopped?: Promise<void>;

  private constructor(private readonly provider: BasicTracerProvider) {
    super();
    this.tracer = provider.getTracer('pkgserver');
  }

  begin(name: string, { parent, kind, attributes = {}, links = [], secondsAgo }: SpanOptions = {}): Span {
    const context = parent ? trace.setSpanContext(ROOT_CONTEXT, toOtel(parent)) : ROOT_CONTEXT;
    const options = { kind: KINDS[kind ?? 'internal'], attributes, links: links.map(linkTo) };
    const startTime = secondsAgo === undefined ? undefined : Date.now() - secondsAgo * 1000;
    return new OtlpSpan(this.tracer.startSpan(name, { ...options, ...(startTime && { startTime }) }, context));
  }

  stop(): Promise<void> {
    // What a collector does not take in time is lost: nobody waits for a trace.
    this.stopped ??= Promise.race([this.provider.shutdown().catch(() => undefined), sleep(STOP_MS)]);
    return this.stopped;
  }
}

class OtlpSpan implements Span {
  constructor(private readonly span: OtelSpan) {}

  get context(): TraceContext {
    const { traceId, spanId, traceFlags, traceState } = this.span.spanContext();
    const state = traceState?.serialize();
    return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0, ...(state && { state }) };
  }

  link(other: TraceContext): void {
    this.span.addLink(linkTo(other));
  }

  end({ attributes = {}, error }: { attributes?: Attributes; error?: string | undefined } = {}): void {
    this.span.setAttributes(attributes);
    if (error !== undefined) this.span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    this.span.end();
  }
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
};

const toOtel = ({ traceId, spanId, sampled, state }: TraceContext): SpanContext => ({
  traceId,
  spanId,
  isRemote: true,
  traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
  ...(state !== undefined && { traceState: createTraceState(state) }),
});

const linkTo = (other: TraceContext): Link => ({ context: toOtel(other) });

/** Says once that traces do not get through, and once that they do again. */
function telling(exporter: SpanExporter, host: string): SpanExporter {
  let isFailing = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error && !isFailing)
          logger.warn(`The collector at ${host} takes no traces: ${result.error.message}`);
        else if (!result.error && isFailing) logger.log(`The collector at ${host} takes traces again.`);
        isFailing = result.error !== undefined;
        done(result);
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
