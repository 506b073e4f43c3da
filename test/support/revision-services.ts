import { afterAll, beforeAll, expect } from 'vitest';
import { ContentService } from '../../src/content/content.service.js';
import { ContentStore } from '../../src/content/content.store.js';
import type { Database } from '../../src/database/database.js';
import type { Repository } from '../../src/database/generated/client.js';
import type { FileInput } from '../../src/features/package-contents/file-edit.js';
import type { Lifecycle } from '../../src/domain/lifecycle.js';
import { ANY_VERSION } from '../../src/domain/precondition.js';
import { revisionEtag } from '../../src/domain/revision-etag.js';
import { packageDirectory } from '../../src/domain/identity.js';
import { draftRef, tagRef } from '../../src/domain/ref-layout.js';
import { versionKey } from '../../src/domain/version.js';
import { ApprovalService } from '../../src/features/package-revisions/release/approval.service.js';
import { AuthoringService } from '../../src/features/package-revisions/authoring/authoring.service.js';
import type { NewRevision } from '../../src/features/package-revisions/authoring/origin.service.js';
import { ConditionService } from '../../src/features/package-revisions/release/condition.service.js';
import { DraftConflictService } from '../../src/features/package-revisions/lifecycle/draft-conflict.service.js';
import { FilesService } from '../../src/features/package-contents/files.service.js';
import { LifecycleService } from '../../src/features/package-revisions/lifecycle/lifecycle.service.js';
import { RebaseService } from '../../src/features/package-revisions/lifecycle/rebase.service.js';
import { PackageRevisionService } from '../../src/features/package-revisions/package-revision.service.js';
import { PackageRevisionStore } from '../../src/revisions/package-revision.store.js';
import type { RevisionRow } from '../../src/revisions/revision-row.js';
import { ResourcesService } from '../../src/features/package-contents/resources.service.js';
import { PackageService } from '../../src/features/packages/package.service.js';
import { someone } from './service-callers.js';
import { addRepository, commitOf } from './index-rows.js';
import type { SilentDoorbell } from './silent-doorbell.js';
import { startWorld, type World } from './world.js';

export interface GivenRevision extends Partial<NewRevision> {
  /** `pushed`: the remote has the draft's branch; a `draft` waits for its push, and later states have nothing to push. */
  state?: Lifecycle | 'pushed';
  files?: Record<string, FileInput>;
}

/** The services that write and read revisions, over a database of their own that holds one repository. No worker is behind them. */
export class RevisionServices {
  world!: World;
  repository!: Repository;
  #sequence = 0;

  /** Call at the top of a test file. */
  static create(settings: Record<string, string> = {}): RevisionServices {
    const services = new RevisionServices();
    beforeAll(async () => {
      services.world = await startWorld(settings);
      services.repository = await addRepository(services.database);
    });
    afterAll(() => services.world?.close());
    return services;
  }

  get database(): Database {
    return this.world.database;
  }
  get doorbell(): SilentDoorbell {
    return this.world.doorbell;
  }
  get contents(): ContentService {
    return this.world.get(ContentService);
  }
  get contentStore(): ContentStore {
    return this.world.get(ContentStore);
  }
  get store(): PackageRevisionStore {
    return this.world.get(PackageRevisionStore);
  }
  get revisions(): PackageRevisionService {
    return this.world.get(PackageRevisionService);
  }
  get lifecycle(): LifecycleService {
    return this.world.get(LifecycleService);
  }
  get approvals(): ApprovalService {
    return this.world.get(ApprovalService);
  }
  get conditions(): ConditionService {
    return this.world.get(ConditionService);
  }
  get conflicts(): DraftConflictService {
    return this.world.get(DraftConflictService);
  }
  get rebases(): RebaseService {
    return this.world.get(RebaseService);
  }
  get resources(): ResourcesService {
    return this.world.get(ResourcesService);
  }
  get files(): FilesService {
    return this.world.get(FilesService);
  }
  get packages(): PackageService {
    return this.world.get(PackageService);
  }

  /** A revision of a new package, by `ada`, in the state that is asked for. */
  readonly aPackageRevision = async (given: GivenRevision = {}): Promise<RevisionRow> => {
    const { state = 'draft', files, ...more } = given;
    this.#sequence += 1;
    const { id } = await this.createDraft(this.repository, { package: `p${this.#sequence}`, ...more });
    if (files) await this.replace(id, files);
    if (state === 'draft') return this.present(id);
    const pushed = await this.markPushed(await this.present(id));
    if (state === 'pushed') return pushed;
    const proposed = await this.lifecycle.propose(id, 'ada');
    if (state === 'proposed') return this.markPushed(proposed);
    const published = await this.markPublished(proposed, 'v1');
    return state === 'published' ? published : this.markDeletionProposed(published);
  };

  /** A draft in a repository, by `ada`; of the new package `core` unless something else is given. */
  readonly createDraft = (repository: Repository, given: Partial<NewRevision> = {}): Promise<RevisionRow> => {
    const core = { repositoryId: repository.id, package: 'core', workspace: 'one', source: { type: 'init' as const } };
    return this.world.get(AuthoringService).create({ ...core, ...given }, someone('ada'));
  };

  /** A published revision in this repository, `v1`. */
  readonly publish = async (repository: Repository, given: Partial<NewRevision>, files?: Record<string, string>) => {
    const { id } = await this.createDraft(repository, given);
    if (files) await this.replace(id, files);
    return this.markPublished(await this.present(id), 'v1');
  };

  /** The error of a creation that must be refused without leaving a row. */
  readonly refusal = async (repository: Repository, given: Partial<NewRevision>) => {
    const before = await this.database.client.packageRevision.count();
    const error: unknown = await this.createDraft(repository, given).catch((reason: unknown) => reason);
    expect(await this.database.client.packageRevision.count()).toBe(before);
    return error as { code: string; data: { errors?: { pointer: string }[] } };
  };

  /** The row of a revision that must be there. */
  readonly present = async (id: string): Promise<RevisionRow> => {
    const row = await this.store.find(id);
    if (!row) throw new Error(`There is no package revision ${id}.`);
    return row;
  };

  /** The precondition that a client sends who has seen this row. */
  readonly etagOf = (row: RevisionRow) => ({ ifMatch: `"${revisionEtag(row)}"` });

  readonly operationsOf = (revisionId: string) =>
    this.database.client.operation.findMany({ where: { revisionId }, orderBy: { id: 'asc' } });

  readonly read = async (id: string) => (await this.resources.read(id, 'draft')).files;

  readonly textOf = async (id: string, path: string) => (await this.read(id))[path]?.content;

  readonly replace = (id: string, files: Record<string, FileInput>) =>
    this.resources.replace(id, files, 'ada', ANY_VERSION);

  readonly patch = (id: string, files: Record<string, FileInput | null>) =>
    this.resources.patch(id, files, 'ada', ANY_VERSION);

  /** The row that the engine leaves once the remote has a draft's branch. */
  readonly markPushed = async (row: RevisionRow): Promise<RevisionRow> => {
    await this.database.client.operation.deleteMany({ where: { revisionId: row.id } });
    const branch = draftRef(row.path, row.workspace);
    const pushed = { branch, commit: commitOf(row.tree), pushedTree: row.tree, pushedBase: row.baseCommit };
    await this.database.client.packageRevision.update({
      where: { id: row.id },
      data: { ...pushed, gitState: 'synced' },
    });
    return this.present(row.id);
  };

  /** The rows that the engine leaves once a revision is published. */
  readonly markPublished = async (row: RevisionRow, revision: string): Promise<RevisionRow> => {
    const { client } = this.database;
    await client.operation.deleteMany({ where: { revisionId: row.id } });
    await client.packageRevision.updateMany({ where: { packageId: row.packageId }, data: { latest: false } });
    const { directory } = await this.store.repositoryOf(row);
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
    return this.present(row.id);
  };

  /** A deletion that was proposed, and of which nothing waits. */
  readonly markDeletionProposed = async (published: RevisionRow): Promise<RevisionRow> => {
    await this.lifecycle.proposeDeletion(published.id, { force: false }, someone('ada'));
    await this.database.client.operation.deleteMany({ where: { revisionId: published.id } });
    return this.present(published.id);
  };
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
