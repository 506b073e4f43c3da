import { currentContext, type TraceContext, withContext } from '../logging/request-context.js';

export type Attributes = Readonly<Record<string, string | number | undefined>>;

export interface SpanOptions {
  /** What the span is under; without one it begins a trace. */
  parent?: TraceContext | undefined;
  /** OpenTelemetry's kinds; `internal` where it is left out. */
  kind?: 'server' | 'client' | 'consumer';
  attributes?: Attributes;
  /** Spans, of other traces, that the work is done for as well. */
  links?: readonly TraceContext[];
  /** Of work that was begun so long ago. */
  secondsAgo?: number;
}

/** A piece of work that a trace shows. */
export interface Span {
  /** The parent of what is done meanwhile. Undefined where there is no trace. */
  readonly context: TraceContext | undefined;
  link(other: TraceContext): void;
  /** `error`: what went wrong, for operators. */
  end(outcome?: { attributes?: Attributes; error?: string | undefined }): void;
}

/** Begins spans. Where they are sent to, and whether that works, is nothing that the work would notice. */
export abstract class Tracer {
  abstract begin(name: string, options?: SpanOptions): Span;
  /** Sends what is left, in a bounded time; once, however often it is called. */
  abstract stop(): Promise<void>;

  /** Adds work that has just ended to the trace that is under way, if there is one. */
  note(name: string, { secondsAgo, attributes, error }: NotedWork): void {
    const { trace: parent } = currentContext();
    if (parent) this.begin(name, { parent, kind: 'client', secondsAgo, attributes }).end({ error });
  }

  /** Does the work under a span of its own, if there is a trace under way. */
  async within<T>(name: string, work: () => Promise<T>): Promise<T> {
    const { trace: parent } = currentContext();
    if (!parent) return work();
    const span = this.begin(name, { parent });
    return endingWith([span], () => withContext({ trace: span.context }, work));
  }
}

interface NotedWork {
  secondsAgo: number;
  attributes: Attributes;
  error: string | undefined;
}

/** Does the work and ends the spans with it. */
export async function endingWith<T>(spans: readonly Span[], work: () => Promise<T>): Promise<T> {
  let error: string | undefined;
  try {
    return await work();
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.message : String(thrown);
    throw thrown;
  } finally {
    for (const span of spans) span.end({ error });
  }
}

/** Shows nothing. What a caller's trace is under stays under it, so that it can be passed on. */
export class NoTracer extends Tracer {
  begin(_name: string, { parent }: SpanOptions = {}): Span {
    return { context: parent, link: () => undefined, end: () => undefined };
  }

  async stop(): Promise<void> {}
}
