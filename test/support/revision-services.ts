import { createHash } from 'node:crypto';
import { ContentService } from '../../src/content/content.service.js';
import { ContentStore } from '../../src/content/content.store.js';
import type { Database } from '../../src/database/database.js';
import type { Prisma, Repository } from '../../src/database/generated/client.js';
import { packageDirectory } from '../../src/domain/identity.js';
import { draftRef, tagRef } from '../../src/domain/ref-layout.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { versionKey } from '../../src/domain/version.js';
import { ApprovalService } from '../../src/features/package-revisions/release/approval.service.js';
import {
  AuthoringService,
  type NewRevision,
} from '../../src/features/package-revisions/authoring/authoring.service.js';
import { ConditionService } from '../../src/features/package-revisions/release/condition.service.js';
import { DraftConflictService } from '../../src/features/package-revisions/lifecycle/draft-conflict.service.js';
import { FilesService } from '../../src/features/package-contents/files.service.js';
import { LifecycleService } from '../../src/features/package-revisions/lifecycle/lifecycle.service.js';
import { PackageRevisionService } from '../../src/features/package-revisions/package-revision.service.js';
import { PackageRevisionStore, type RevisionRow } from '../../src/revisions/package-revision.store.js';
import { ResourcesService } from '../../src/features/package-contents/resources.service.js';
import { PackageService } from '../../src/features/packages/package.service.js';
import { someone } from './callers.js';
import { startWorld } from './world.js';

export type RevisionServices = Awaited<ReturnType<typeof startRevisionServices>>;

/** An OID that stands for a commit which nobody looks into. */
export const commitOf = (text: string): string => createHash('sha1').update(text).digest('hex');

/** The services that write and read revisions, over a database of their own. No worker is behind them. */
export async function startRevisionServices(settings: Record<string, string> = {}) {
  const world = await startWorld(settings);
  const { database, doorbell, get, close } = world;
  return {
    database,
    doorbell,
    contents: get(ContentService),
    contentStore: get(ContentStore),
    store: get(PackageRevisionStore),
    revisions: get(PackageRevisionService),
    authoring: get(AuthoringService),
    lifecycle: get(LifecycleService),
    approvals: get(ApprovalService),
    conditions: get(ConditionService),
    conflicts: get(DraftConflictService),
    resources: get(ResourcesService),
    files: get(FilesService),
    packages: get(PackageService),
    close,
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
