import { type Operation, Prisma } from '../database/generated/client.js';

/** Each column of an `Operation`, of the table `o`; one that is missing does not compile. */
const COLUMNS: Record<keyof Operation, string> = {
  id: 'o.id',
  kind: 'o.kind::text',
  state: 'o.state::text',
  repositoryId: 'o.repository_id',
  revisionId: 'o.revision_id',
  path: 'o.path',
  target: 'o.target',
  payload: 'o.payload',
  progress: 'o.progress',
  waitingFor: 'o.waiting_for',
  attempts: 'o.attempts',
  nextAttemptAt: 'o.next_attempt_at',
  cancelRequested: 'o.cancel_requested',
  result: 'o.result',
  error: 'o.error',
  requestedBy: 'o.requested_by',
  requestId: 'o.request_id',
  traceparent: 'o.traceparent',
  tracestate: 'o.tracestate',
  createdAt: 'o.created_at',
  startedAt: 'o.started_at',
  finishedAt: 'o.finished_at',
};

/** A running operation `o` that a worker may take: its retry is due, its cancellation is asked for, or its worker died. */
export const IS_LEFT = Prisma.sql`
  o.state = 'running' AND (o.next_attempt_at IS NULL OR o.next_attempt_at <= now() OR o.cancel_requested)`;

export const OPERATION_COLUMNS = Prisma.raw(
  Object.entries(COLUMNS)
    .map(([name, column]) => `${column} AS "${name}"`)
    .join(', '),
);
