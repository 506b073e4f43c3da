import { Approvals } from './approvals.js';
import { AuthoredRevisions } from './authored-revisions.js';
import { ChangedTags } from './changed-tags.js';
import { DiscoveredDrafts } from './discovered-drafts.js';
import { DiscoveredPublications } from './discovered-publications.js';
import { DriftLog } from './drift/drift-log.js';
import { DriftStore } from './drift/drift.store.js';
import { PackageRevisionStore } from './package-revision.store.js';
import { PackageStore } from './package.store.js';
import { Packages } from './packages.js';
import { PushedRevisions } from './pushed-revisions.js';
import { RevisionNumbers } from './revision-numbers.js';
import { RevisionWriter } from './revision-writer.js';
import { Targets } from './targets.js';
import { UpstreamNews } from './upstreams/upstream-news.js';
import { UpstreamStore } from './upstreams/upstream.store.js';
import { Upstreams } from './upstreams/upstreams.js';
import { UnfinishedWork } from './unfinished-work.js';

/** The rows of packages, revisions, approvals, revision numbers and drift: no other folder writes them. */
export const revisionsProviders = [
  PackageStore,
  Packages,
  Targets,
  PackageRevisionStore,
  RevisionWriter,
  AuthoredRevisions,
  PushedRevisions,
  DiscoveredPublications,
  DiscoveredDrafts,
  ChangedTags,
  UnfinishedWork,
  DriftStore,
  DriftLog,
  UpstreamStore,
  UpstreamNews,
  Upstreams,
  RevisionNumbers,
  Approvals,
];
