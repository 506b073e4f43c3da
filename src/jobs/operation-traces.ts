import { Injectable } from '@nestjs/common';
import { type TraceContext, withContext } from '../logging/request-context.js';
import { readTrace } from '../tracing/traceparent.js';
import { endingWith, type Span, Tracer } from '../tracing/tracer.js';
import type { TypedOperation } from './typed-operation.js';

/** `left`: another attempt takes it up, of this worker or another one. */
type Outcome = 'succeeded' | 'failed' | 'cancelled' | 'retried' | 'left';

/**
 * Spans of operations at work, each under the request that asked for it. A visit for several of them is in the trace of
 * the first, and linked with the others; what they share, as the push, is shown in the trace of each.
 */
@Injectable()
export class OperationTraces {
  private readonly spans = new Map<string, Span>();

  constructor(private readonly tracer: Tracer) {}

  /** Does the work that may end these operations, among other things; every log line of it names the repository. */
  async visit<T>(
    { id: repositoryId, name: repository }: { id: string; name: string },
    operations: readonly TypedOperation[],
    work: () => Promise<T>,
  ): Promise<T> {
    for (const operation of operations) this.begin(operation);
    const contexts = operations.flatMap((operation) => this.contextOf(operation) ?? []);
    // Under one that is not recorded nobody would see it.
    const parent = contexts.find(({ sampled }) => sampled) ?? contexts[0];
    const visit = this.tracer.begin('visit', {
      parent,
      links: contexts.filter((context) => context !== parent),
      attributes: { 'pkgserver.repository.id': repositoryId, 'pkgserver.operations': operations.length },
    });
    for (const { id } of operations) {
      const span = this.spans.get(id);
      if (visit.context && span?.context?.spanId !== parent?.spanId) span?.link(visit.context);
    }
    try {
      return await endingWith([visit], () => withContext({ trace: visit.context, repositoryId, repository }, work));
    } finally {
      for (const { id } of operations) this.end(id, 'left');
    }
  }

  /** Does the work of one operation that shares nothing. */
  async run<T>(operation: TypedOperation, work: () => Promise<T>): Promise<T> {
    this.begin(operation);
    try {
      return await withContext({ trace: this.contextOf(operation) }, work);
    } finally {
      this.end(operation.id, 'left');
    }
  }

  /** Does what these operations have in common. */
  async share<T>(name: string, operations: readonly TypedOperation[], work: () => Promise<T>): Promise<T> {
    const parents = new Map<string, TraceContext>();
    for (const operation of operations) {
      const context = this.contextOf(operation);
      if (context && !parents.has(context.traceId)) parents.set(context.traceId, context);
    }
    const attributes = { 'pkgserver.operations': operations.length };
    const spans = [...parents.values()].map((parent) => this.tracer.begin(name, { parent, attributes }));
    const contexts = spans.flatMap(({ context }) => context ?? []);
    const trace = contexts.find(({ sampled }) => sampled) ?? contexts[0];
    return endingWith(spans, () => withContext({ trace }, work));
  }

  /** The span of an operation at work. */
  contextOf({ id }: TypedOperation): TraceContext | undefined {
    return this.spans.get(id)?.context;
  }

  end(operationId: string, outcome: Outcome, error?: string): void {
    this.spans.get(operationId)?.end({ attributes: { 'pkgserver.operation.outcome': outcome }, error });
    this.spans.delete(operationId);
  }

  private begin(operation: TypedOperation): void {
    const { id, kind, attempts, requestId, repositoryId, revisionId } = operation;
    const span = this.tracer.begin(`operation ${kind}`, {
      parent: readTrace(operation),
      kind: 'consumer',
      attributes: {
        'pkgserver.operation.id': id,
        'pkgserver.operation.kind': kind,
        'pkgserver.operation.attempt': attempts,
        'pkgserver.request.id': requestId ?? undefined,
        'pkgserver.repository.id': repositoryId ?? undefined,
        'pkgserver.package_revision.id': revisionId ?? undefined,
      },
    });
    this.spans.set(id, span);
  }
}
