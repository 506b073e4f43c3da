import { Approvals } from './approvals.js';
import { AuthoredRevisions } from './authored-revisions.js';
import { DiscoveredDrafts } from './discovered-drafts.js';
import { DiscoveredPublications } from './discovered-publications.js';
import { PackageRevisionStore } from './package-revision.store.js';
import { PackageStore } from './package.store.js';
import { Packages } from './packages.js';
import { PushedRevisions } from './pushed-revisions.js';
import { RevisionNumbers } from './revision-numbers.js';
import { RevisionWriter } from './revision-writer.js';

/** The rows of packages, revisions, approvals and revision numbers: no other folder writes them. */
export const revisionsProviders = [
  PackageStore,
  Packages,
  PackageRevisionStore,
  RevisionWriter,
  AuthoredRevisions,
  PushedRevisions,
  DiscoveredPublications,
  DiscoveredDrafts,
  RevisionNumbers,
  Approvals,
];
