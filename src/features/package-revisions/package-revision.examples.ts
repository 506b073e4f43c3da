import { allowedActions, type Lifecycle } from '../../domain/lifecycle.js';
import type { Decision } from '../../domain/revision.js';
import { EXAMPLE_ETAG, EXAMPLE_ID, EXAMPLE_REVISION_NAME, EXAMPLE_TIME } from '../../http/schema/fields.js';

const PROPOSED_AT = '2026-03-14T11:02:10.120Z';
const DELETION_PROPOSED_AT = '2026-04-01T10:00:00.000Z';
const PUBLISHED_AT = '2026-03-15T08:40:00.000Z';

const draft = {
  id: EXAMPLE_ID,
  name: EXAMPLE_REVISION_NAME,
  repositoryId: '0199a0de-0000-7000-8000-000000000001',
  repository: 'fleet',
  packageId: '0199a0de-0000-7000-8000-000000000002',
  target: 'edge-1',
  realm: 'nf',
  package: 'core',
  path: 'edge-1/nf/core',
  workspace: 'initial',
  revision: null as string | null,
  lifecycle: 'draft' as Lifecycle,
  latest: false,
  source: { type: 'init' },
  upstream: null,
  upstreamStatus: { state: 'none', behind: null, current: null, newest: null },
  commit: 'c0ffee5b7e2a4d6f8091a2b3c4d5e6f708192a3b' as string | null,
  tree: '9d1f3c5b7e2a4d6f8091a2b3c4d5e6f708192a3b',
  tag: null as string | null,
  branch: 'drafts/edge-1/nf/core/initial' as string | null,
  git: { state: 'synced', message: null as string | null, conflict: null },
  fileCount: 4,
  sizeBytes: 5120,
  labels: { team: 'network' },
  annotations: {},
  conditions: [],
  createdAt: EXAMPLE_TIME,
  createdBy: 'ada',
  updatedAt: EXAMPLE_TIME,
  updatedBy: 'ada',
  publishedAt: null as string | null,
  publishedBy: null as string | null,
  origin: null as 'service' | 'external' | null,
  lastDecision: null as Decision | null,
  breakGlass: null,
  deletionHead: null as string | null,
  etag: EXAMPLE_ETAG,
  allowedActions: [...allowedActions('draft')] as string[],
};

const proposed: typeof draft = {
  ...draft,
  lifecycle: 'proposed',
  branch: 'proposed/edge-1/nf/core/initial',
  updatedAt: PROPOSED_AT,
  allowedActions: [...allowedActions('proposed')],
};

const published: typeof draft = {
  ...proposed,
  revision: 'v1',
  lifecycle: 'published',
  latest: true,
  commit: 'facade5b7e2a4d6f8091a2b3c4d5e6f708192a3b',
  tag: 'edge-1/nf/core/v1',
  branch: null,
  updatedAt: PUBLISHED_AT,
  updatedBy: 'grace',
  publishedAt: PUBLISHED_AT,
  publishedBy: 'grace',
  origin: 'service' as const,
  lastDecision: { by: 'grace', at: PUBLISHED_AT, action: 'approve', comment: null },
  allowedActions: [...allowedActions('published')],
};

/** One package revision on its way through its states. */
export const revisionExamples: Record<Lifecycle, typeof draft> = {
  draft,
  proposed,
  published,
  deletionProposed: {
    ...published,
    lifecycle: 'deletionProposed',
    deletionHead: 'restore',
    updatedAt: DELETION_PROPOSED_AT,
    lastDecision: {
      by: 'ada',
      at: DELETION_PROPOSED_AT,
      action: 'propose-deletion',
      comment: 'Nobody runs it any more.',
    },
    updatedBy: 'ada',
    git: { state: 'pending', message: null, conflict: null },
    allowedActions: [...allowedActions('deletionProposed')],
  },
};
