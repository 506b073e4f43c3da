import { Prisma } from '../database/generated/client.js';

/** The columns of a whole `Operation`, of the table `o`. */
export const OPERATION_COLUMNS = Prisma.sql`
  o.id, o.kind::text AS kind, o.state::text AS state, o.repository_id AS "repositoryId", o.revision_id AS "revisionId",
  o.path, o.target, o.payload, o.progress, o.waiting_for AS "waitingFor", o.attempts,
  o.next_attempt_at AS "nextAttemptAt", o.cancel_requested AS "cancelRequested", o.result, o.error,
  o.requested_by AS "requestedBy", o.request_id AS "requestId", o.created_at AS "createdAt",
  o.started_at AS "startedAt", o.finished_at AS "finishedAt"`;
