import { createHash } from 'node:crypto';
import { readConfig } from '../../src/config/config.js';
import { ContentReader } from '../../src/content/content.reader.js';
import { ContentService } from '../../src/content/content.service.js';
import { ContentStore } from '../../src/content/content.store.js';
import type { Database } from '../../src/database/database.js';
import type { Prisma, Repository } from '../../src/database/generated/client.js';
import { packageDirectory } from '../../src/domain/identity.js';
import { draftRef, tagRef } from '../../src/domain/ref-layout.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { versionKey } from '../../src/domain/version.js';
import { ApprovalService } from '../../src/features/package-revisions/release/approval.service.js';
import { ApprovalStore } from '../../src/revisions/approval.store.js';
import {
  AuthoringService,
  type NewRevision,
} from '../../src/features/package-revisions/authoring/authoring.service.js';
import { AuthoringStore } from '../../src/features/package-revisions/authoring/authoring.store.js';
import { ConditionService } from '../../src/features/package-revisions/release/condition.service.js';
import { DraftConflictService } from '../../src/features/package-revisions/lifecycle/draft-conflict.service.js';
import { FilesService } from '../../src/features/package-contents/files.service.js';
import { LifecycleService } from '../../src/features/package-revisions/lifecycle/lifecycle.service.js';
import { PackageContent } from '../../src/features/package-revisions/authoring/package-content.js';
import { PackageRevisionService } from '../../src/features/package-revisions/package-revision.service.js';
import { PackageRevisionStore, type RevisionRow } from '../../src/revisions/package-revision.store.js';
import { ResourcesReader } from '../../src/features/package-contents/resources-reader.js';
import { ResourcesService } from '../../src/features/package-contents/resources.service.js';
import { ReleaseRules } from '../../src/features/package-revisions/release/release-rules.js';
import { RevisionGuard } from '../../src/features/package-revisions/revision-guard.js';
import { RevisionWork } from '../../src/features/package-revisions/revision-work.js';
import { UpstreamService } from '../../src/features/package-revisions/authoring/upstream.service.js';
import { PackageService } from '../../src/features/packages/package.service.js';
import { PackageStore } from '../../src/revisions/package.store.js';
import { Outbox } from '../../src/operations/outbox.js';
import { SilentDoorbell } from './api.js';
import { createTestDatabase } from './database.js';
import { someone } from './callers.js';

export type RevisionServices = Awaited<ReturnType<typeof startRevisionServices>>;

/** An OID that stands for a commit which nobody looks into. */
export const commitOf = (text: string): string => createHash('sha1').update(text).digest('hex');

/** The services that write and read revisions, over a database of their own. No worker is behind them. */
export async function startRevisionServices(variables: Record<string, string> = {}) {
  const { database, drop } = await createTestDatabase();
  const config = readConfig(variables);
  const doorbell = new SilentDoorbell();
  const contentStore = new ContentStore(database);
  const contentReader = new ContentReader(database);
  const contents = new ContentService(database, contentStore, config);
  const store = new PackageRevisionStore(database);
  const authoringStore = new AuthoringStore(database);
  const packageStore = new PackageStore(database);
  const guard = new RevisionGuard(store);
  const approvalStore = new ApprovalStore(database);
  const rules = new ReleaseRules(store, approvalStore);
  const work = new RevisionWork(new Outbox(database, doorbell));
  const packageContent = new PackageContent(contents, contentStore, contentReader);
  const upstreams = new UpstreamService(store, authoringStore);
  const reader = new ResourcesReader(contentReader);
  return {
    database,
    doorbell,
    contents,
    contentStore,
    store,
    revisions: new PackageRevisionService(database, store, guard),
    authoring: new AuthoringService(database, store, authoringStore, packageStore, upstreams, packageContent, work),
    lifecycle: new LifecycleService(database, store, packageStore, contentReader, guard, rules, work),
    approvals: new ApprovalService(database, store, approvalStore, guard, rules, work),
    conditions: new ConditionService(database, store, guard, rules),
    conflicts: new DraftConflictService(database, store, guard, work),
    resources: new ResourcesService(
      database,
      store,
      contentStore,
      contents,
      contentReader,
      reader,
      guard,
      work,
      config,
    ),
    files: new FilesService(store, contentReader),
    packages: new PackageService(packageStore, reader),
    close: drop,
  };
}

/** A repository that was synced, as far as the index can tell. */
export async function addRepository(
  database: Database,
  given: Partial<Prisma.RepositoryUncheckedCreateInput> & { synced?: boolean } = {},
): Promise<Repository> {
  const { synced = true, ...columns } = given;
  const now = new Date();
  const name = columns.name ?? `repository-${Math.random().toString(36).slice(2)}`;
  const url = `https://git.example.com/${name}.git`;
  return database.client.repository.create({
    data: {
      id: uuidv7(),
      name,
      deployment: false,
      url,
      urlKey: url,
      ref: 'main',
      directory: '',
      commit: commitOf('main'),
      createdAt: now,
      createdBy: 'test',
      updatedAt: now,
      updatedBy: 'test',
      polling: { create: { nextSyncAt: now, lastSyncedAt: synced ? now : null } },
      ...columns,
    },
  });
}

/** A draft of a new package. */
export async function createDraft(
  services: RevisionServices,
  repository: Repository,
  given: Partial<NewRevision> = {},
): Promise<RevisionRow> {
  const request = { repositoryId: repository.id, package: 'core', workspace: 'one', source: { type: 'init' as const } };
  return services.authoring.create({ ...request, ...given }, someone('ada'));
}

/** What the engine notes down once the remote has a draft's branch. */
export async function markPushed(services: RevisionServices, row: RevisionRow): Promise<RevisionRow> {
  await services.database.client.operation.deleteMany({ where: { revisionId: row.id } });
  const branch = draftRef(row.path, row.workspace);
  const pushed = { branch, commit: commitOf(row.tree), pushedTree: row.tree, pushedBase: row.baseCommit };
  await services.database.client.packageRevision.update({
    where: { id: row.id },
    data: { ...pushed, gitState: 'synced' },
  });
  return (await services.store.find(row.id)) as RevisionRow;
}

/** What the engine notes down once a revision is published. */
export async function markPublished(
  services: RevisionServices,
  row: RevisionRow,
  revision: string,
): Promise<RevisionRow> {
  const { client } = services.database;
  await client.operation.deleteMany({ where: { revisionId: row.id } });
  await client.packageRevision.updateMany({ where: { packageId: row.packageId }, data: { latest: false } });
  const { directory } = await services.store.repositoryOf(row);
  await client.packageRevision.update({
    where: { id: row.id },
    data: {
      lifecycle: 'published',
      revision,
      versionKey: versionKey(revision),
      latest: true,
      tag: tagRef(packageDirectory(directory, row.path), revision),
      branch: null,
      commit: commitOf(`${row.name} ${revision}`),
      pushedTree: row.tree,
      gitState: 'synced',
      publishedAt: new Date(),
      publishedBy: 'grace',
      version: { increment: 1 },
    },
  });
  await client.package.update({ where: { id: row.packageId }, data: { headTree: row.tree } });
  return (await services.store.find(row.id)) as RevisionRow;
}

/** What became of several attempts at once: how many came through, and the codes of the others. */
export async function race<T>(
  count: number,
  attempt: (index: number) => Promise<T>,
): Promise<{ won: T[]; codes: string[] }> {
  const outcomes = await Promise.allSettled(Array.from({ length: count }, (_, index) => attempt(index)));
  return {
    won: outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
    codes: outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [String((outcome.reason as { code?: unknown }).code)] : [],
    ),
  };
}
