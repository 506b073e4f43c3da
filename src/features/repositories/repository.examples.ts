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
        message: 'The index holds what the remote holds.',
        lastTransitionTime: EXAMPLE_TIME,
      },
    ],
    lastSyncedAt: EXAMPLE_TIME as string | null,
    nextSyncAt: EXAMPLE_TIME,
    waitingFor: null as string | null,
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

/** A repository before its first sync, and after it. */
export const repositoryExamples: Record<'ready' | 'unread', typeof ready> = {
  ready,
  unread: {
    ...ready,
    status: {
      conditions: [
        {
          type: 'Ready',
          status: 'Unknown',
          reason: 'Syncing',
          message: 'The remote has not been read yet.',
          lastTransitionTime: EXAMPLE_TIME,
        },
      ],
      lastSyncedAt: null,
      nextSyncAt: EXAMPLE_TIME,
      waitingFor: 'A worker that reads it for the first time.',
      commit: null,
      packageCount: 0,
      revisionCount: 0,
      ignoredTags: 0,
    },
  },
};
