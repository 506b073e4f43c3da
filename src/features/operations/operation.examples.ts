import type { OperationState } from '../../domain/operation.js';
import { EXAMPLE_ID, EXAMPLE_REVISION_NAME, EXAMPLE_TIME } from '../../http/schema/fields.js';

const ENDED = '2026-03-14T09:26:55.120Z';

const queued = {
  id: '0199a0de-0000-7000-8000-000000000004',
  kind: 'publish',
  state: 'queued' as OperationState,
  repositoryId: '0199a0de-0000-7000-8000-000000000001',
  target: { type: 'PackageRevision', id: EXAMPLE_ID, name: EXAMPLE_REVISION_NAME },
  progress: null as object | null,
  waitingFor: 'A free worker.' as string | null,
  attempts: 0,
  result: null as object | null,
  error: null as object | null,
  requestedBy: 'grace',
  createdAt: EXAMPLE_TIME,
  startedAt: null as string | null,
  finishedAt: null as string | null,
};

const running: typeof queued = {
  ...queued,
  state: 'running',
  progress: { done: 1, total: 2, message: 'Pushing' },
  waitingFor: null,
  attempts: 1,
  startedAt: EXAMPLE_TIME,
};

/** One publication, and how it can go. */
export const operationExamples: Record<OperationState, typeof queued> = {
  queued,
  running,
  succeeded: {
    ...running,
    state: 'succeeded',
    result: {
      resource: { type: 'PackageRevision', id: EXAMPLE_ID },
      revision: 'v1',
      tag: 'edge-1/nf/core/v1',
      commit: 'facade5b7e2a4d6f8091a2b3c4d5e6f708192a3b',
    },
    finishedAt: ENDED,
  },
  failed: {
    ...running,
    state: 'failed',
    error: {
      type: 'urn:pkgserver:problem:drift',
      title: 'Package changed in Git',
      status: 409,
      detail: '"edge-1/nf/core" was changed directly on the ref since this draft was begun (1 files).',
      code: 'drift',
      files: ['settings.yaml'],
    },
    finishedAt: ENDED,
  },
  cancelled: { ...queued, state: 'cancelled', waitingFor: null, finishedAt: ENDED },
};
