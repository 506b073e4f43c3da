import { EXAMPLE_ETAG, EXAMPLE_ID, EXAMPLE_TIME } from '../../http/schema/fields.js';

const ready = {
  id: EXAMPLE_ID,
  name: 'blueprints',
  description: 'Blueprints of the network team.',
  labels: { team: 'network' },
  deployment: false,
  git: { url: 'https://git.example.com/blueprints.git', ref: 'main', directory: '', credentialId: null },
  discovery: { mode: 'kptfile', include: [], exclude: [] },
  syncIntervalSeconds: null,
  policy: { requiredApprovals: 1, selfApproval: true, authors: ['creator', 'editors', 'proposer'], readinessGates: [] },
  status: {
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Synced',
        message: 'The index matches the remote.',
        lastTransitionTime: EXAMPLE_TIME,
      },
    ],
    lastSyncedAt: EXAMPLE_TIME as string | null,
    commit: '9fceb02d0ae598e95dc970b74767f19372d61af8' as string | null,
    packageCount: 42,
    revisionCount: 210,
    ignoredTags: 3,
  },
  createdAt: EXAMPLE_TIME,
  createdBy: 'ada',
  updatedAt: EXAMPLE_TIME,
  updatedBy: 'ada',
  etag: EXAMPLE_ETAG,
};

const condition = (status: string, reason: string, message: string) => [
  { type: 'Ready', status, reason, message, lastTransitionTime: EXAMPLE_TIME },
];

/** A repository before its first sync, after it, and while its remote does not answer. */
export const repositoryExamples: Record<'ready' | 'unread' | 'unreachable', typeof ready> = {
  ready,
  unread: {
    ...ready,
    status: {
      conditions: condition('Unknown', 'Syncing', 'The repository has not been read yet.'),
      lastSyncedAt: null,
      commit: null,
      packageCount: 0,
      revisionCount: 0,
      ignoredTags: 0,
    },
  },
  unreachable: {
    ...ready,
    status: {
      ...ready.status,
      conditions: condition('False', 'RemoteUnreachable', 'The Git remote did not answer.'),
    },
  },
};
