import { EXAMPLE_ETAG, EXAMPLE_ID, EXAMPLE_TIME } from '../../http/schema/fields.js';

const succeeded = {
  id: '0199a0de-0000-7000-8000-000000000005',
  time: EXAMPLE_TIME,
  actor: 'grace',
  tokenId: null,
  action: 'approvePackageRevision',
  outcome: 'succeeded',
  resourceType: 'PackageRevision',
  resourceId: EXAMPLE_ID,
  repositoryId: '0199a0de-0000-7000-8000-000000000001' as string | null,
  path: 'edge-1/nf/core' as string | null,
  before: EXAMPLE_ETAG as string | null,
  after: '7pb2Kx0w3eYsUd5n9vRg1hTfLmA' as string | null,
  reason: null as string | null,
  requestId: '0199a0de-0000-7000-8000-000000000006',
  operationId: '0199a0de-0000-7000-8000-000000000004' as string | null,
  address: '192.0.2.7',
};

/** An approval that was given, and one that was refused. */
export const auditEntryExamples: Record<'succeeded' | 'denied', typeof succeeded> = {
  succeeded,
  denied: {
    ...succeeded,
    actor: 'ada',
    outcome: 'denied',
    repositoryId: null,
    path: null,
    before: null,
    after: null,
    reason: 'forbidden: packageRevisions.approve',
    operationId: null,
  },
};
