import { EXAMPLE_ID, EXAMPLE_REVISION_NAME, EXAMPLE_TIME } from '../../http/schema/fields.js';

const REPOSITORY_ID = '0199a0de-0000-7000-8000-000000000001';

const published = {
  specversion: '1.0' as const,
  id: '0199a0de-0000-7000-8000-000000000007',
  source: '/api/v1' as string,
  type: 'dev.pkgserver.packageRevision.published',
  subject: `package-revisions/${EXAMPLE_ID}` as string,
  time: EXAMPLE_TIME,
  datacontenttype: 'application/json' as const,
  sequence: '1773480413589123',
  actor: 'grace' as string | null,
  data: {
    packageRevision: {
      id: EXAMPLE_ID,
      name: EXAMPLE_REVISION_NAME,
      repositoryId: REPOSITORY_ID,
      packageId: '0199a0de-0000-7000-8000-000000000002',
      path: 'edge-1/nf/core',
      workspace: 'initial',
      lifecycle: 'published' as const,
      revision: 'v1' as string | null,
      tree: 'ba5eba115b7e2a4d6f8091a2b3c4d5e6f708192a',
      commit: 'c0ffee5b7e2a4d6f8091a2b3c4d5e6f708192a3b' as string | null,
      previously: { lifecycle: 'proposed' as const, revision: null as string | null },
    },
  },
};

export const eventExamples: Record<'published', typeof published> = { published };
