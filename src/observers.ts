import { Logger } from '@nestjs/common';
import type { GitTiming } from './git/git-options.js';
import type { RequestEntry } from './http/request-hooks.js';
import type { Metrics } from './logging/metrics.js';
import type { Tracer } from './tracing/tracer.js';

/** Where it is noted what this process does, beside the log. */
export interface Observers {
  metrics: Metrics;
  tracer: Tracer;
}

const requests = new Logger('Http');

export function noteRequest(
  { method, route, path, status, milliseconds, ...who }: RequestEntry,
  metrics: Metrics,
): void {
  metrics.requestAnswered(method, route, status, milliseconds / 1000);
  // Probes and scrapes come every few seconds and say nothing; of those who ask too often the metric tells.
  const isNoise = route.startsWith('/health') || route === '/metrics' || status === 429;
  const level = isNoise ? 'debug' : 'log';
  const fields = { ...who, method, path, status, milliseconds: Math.round(milliseconds * 10) / 10 };
  requests[level]({ message: `${method} ${path} ${status}`, ...fields });
}

export function noteGit([operation, seconds, outcome]: GitTiming, { metrics, tracer }: Observers): void {
  metrics.gitOperationEnded(operation, seconds, outcome);
  const error = outcome === 'ok' ? undefined : outcome;
  tracer.note(`git ${operation}`, { secondsAgo: seconds, attributes: { 'error.type': error }, error });
}
