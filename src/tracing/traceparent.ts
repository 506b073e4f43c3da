import { currentContext, type TraceContext } from '../logging/request-context.js';

/** https://www.w3.org/TR/trace-context: of version 00 nothing follows the flags, of later ones more may. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** What has to be passed on; a longer one may be dropped, and is. */
const TRACESTATE = /^[\t\x20-\x7e]{1,512}$/;
const SAMPLED = 1;

/** A trace as headers, and as columns, have it. */
export interface TraceHeaders {
  traceparent: string;
  tracestate?: string;
}

/** Undefined where there is no `traceparent`, or one that is malformed: its `tracestate` does not count then, either. */
export function readTrace(headers: Readonly<Record<keyof TraceHeaders, unknown>>): TraceContext | undefined {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(text(headers.traceparent)) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === '00' && more !== undefined) return undefined;
  const state = text(headers.tracestate);
  const sampled = (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED;
  return { traceId, spanId, sampled, ...(TRACESTATE.test(state) && { state }) };
}

export function writeTrace({ traceId, spanId, sampled, state }: TraceContext): TraceHeaders {
  const traceparent = `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
  return { traceparent, ...(state !== undefined && { tracestate: state }) };
}

/** The headers with which whatever is sent from here stays in the trace; undefined where there is none. */
export function currentTrace(): TraceHeaders | undefined {
  const { trace } = currentContext();
  return trace && writeTrace(trace);
}

/** A header that came twice is a list, or has been joined by Node: then it is malformed. */
const text = (header: unknown): string => (typeof header === 'string' ? header : '');
