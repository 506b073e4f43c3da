import type { Operation } from '../../database/generated/client.js';
import type { OperationTarget } from '../../domain/operation.js';
import { storedProblem } from '../../http/problem.js';
import type { OperationResponse } from './operation.schema.js';

/** An operation's row as callers see it. */
export function toOperationResponse(row: Operation): OperationResponse {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    repositoryId: row.repositoryId,
    target: targetOf(row),
    progress: toProgress(row.progress),
    waitingFor: row.waitingFor,
    attempts: row.attempts,
    result: row.result as OperationResponse['result'],
    error: row.error === null ? null : storedProblem(row.error),
    requestedBy: row.requestedBy,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

const targetOf = ({ target }: Operation): OperationTarget => target as never;

function toProgress(stored: unknown): OperationResponse['progress'] {
  if (stored === null) return null;
  const { done, total, message } = stored as { done?: number; total?: number | null; message?: string | null };
  return { done: done ?? 0, total: total ?? null, message: message ?? null };
}
