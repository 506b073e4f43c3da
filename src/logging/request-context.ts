import { AsyncLocalStorage } from 'node:async_hooks';

/** A span of a trace, ours or a caller's: what `traceparent` and `tracestate` of the W3C name. */
export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** Whether whoever began the trace has it recorded. */
  readonly sampled: boolean;
  /** The `tracestate`, as it came. */
  readonly state?: string;
}

/** What follows a piece of work through every log line, from the HTTP request into the worker. */
export interface WorkContext {
  requestId?: string;
  /** The span under which the work is done; log lines show its trace. */
  trace?: TraceContext;
  actor?: string;
  /** The API token that was shown. */
  tokenId?: string;
  /** Where the request came from. */
  address?: string;
  operationId?: string;
  repositoryId?: string;
  /** Its name. */
  repository?: string;
}

const storage = new AsyncLocalStorage<WorkContext>();

export const currentContext = (): WorkContext => storage.getStore() ?? {};

/** Runs `work` with `context` added to what is there already. */
export function withContext<T>(context: WorkContext, work: () => T): T {
  return storage.run({ ...currentContext(), ...context }, work);
}
