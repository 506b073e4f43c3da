import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { UnsupportedEntry } from '../../src/content/content.js';
import type { Operation, PackageRevision, Prisma, Repository } from '../../src/database/generated/client.js';
import type { DeletionHead } from '../../src/domain/head-state.js';
import { ApprovalService, isPublication } from '../../src/features/package-revisions/release/approval.service.js';
import { AuthoringService } from '../../src/features/package-revisions/authoring/authoring.service.js';
import type { NewRevision } from '../../src/features/package-revisions/authoring/origin.service.js';
import {
  DraftConflictService,
  type Side,
} from '../../src/features/package-revisions/lifecycle/draft-conflict.service.js';
import { RebaseService } from '../../src/features/package-revisions/lifecycle/rebase.service.js';
import { PackageRevisionService } from '../../src/features/package-revisions/package-revision.service.js';
import { LifecycleService } from '../../src/features/package-revisions/lifecycle/lifecycle.service.js';
import { toRevisionResponse } from '../../src/features/package-revisions/package-revision.view.js';
import { ResourcesService } from '../../src/features/package-contents/resources.service.js';
import { OperationService } from '../../src/features/operations/operation.service.js';
import { type Registered, startEngine, type TestEngine } from './engine.js';
import { git } from './git-command.js';
import { GitFixture } from './git-fixture.js';
import { GitServer } from './git-server.js';
import { someone } from './service-callers.js';

const ANY = { ifMatch: '*' };

export interface RemoteOptions {
  name?: string;
  empty?: boolean;
  directory?: string;
  deployment?: boolean;
  /** Git configuration of the remote. */
  remote?: Record<string, string>;
}

export interface WorldOptions extends RemoteOptions {
  settings?: Record<string, string>;
}

/** One remote, one engine, and the services that authors use; the remote refuses every forced update. */
export class PublishingWorld {
  private constructor(
    readonly server: GitServer,
    readonly engine: TestEngine,
    readonly remote: GitFixture,
    public repository: Repository,
    readonly url: string,
  ) {}

  /** For a file of tests that need not be alone in a database: one engine for all, and a remote and a repository for each. */
  static inOneDatabase(settings: Record<string, string> = {}): (options?: RemoteOptions) => Promise<PublishingWorld> {
    let server: GitServer;
    let engine: TestEngine;
    let count = 0;
    beforeAll(async () => {
      server = await GitServer.start();
      engine = await startEngine(settings);
    });
    afterAll(async () => {
      await engine?.close();
      await server?.stop();
    });
    return (options = {}) => {
      server.onRequest(null);
      return PublishingWorld.on(server, engine, { name: `blueprints-${(count += 1)}`, ...options });
    };
  }

  static async start({ settings = {}, ...options }: WorldOptions = {}): Promise<PublishingWorld> {
    const server = await GitServer.start();
    return PublishingWorld.on(server, await startEngine(settings), options);
  }

  private static async on(server: GitServer, engine: TestEngine, options: RemoteOptions): Promise<PublishingWorld> {
    const { name = 'blueprints', empty = false, ...rest } = options;
    const { url, path } = await server.createRepository(name, { empty });
    const remote = GitFixture.create(path);
    const config = { 'receive.denyNonFastForwards': 'true', 'receive.denyDeletes': 'false', ...rest.remote };
    await remote.configure(config);
    const { directory = '', deployment = false } = rest;
    const repository = await engine.register({ name, url, directory, deployment });
    await engine.visit(repository.id);
    return new PublishingWorld(server, engine, remote, repository, url);
  }

  /** Another remote for an engine that there is: registered, and not read yet. */
  static async beside(server: GitServer, engine: TestEngine, { name, ...plan }: Omit<Registered, 'url'>) {
    const remote = GitFixture.create(join(server.root, `${name}.git`));
    const url = server.url(name);
    return new PublishingWorld(server, engine, remote, await engine.register({ name, url, ...plan }), url);
  }

  get database() {
    return this.engine.database;
  }

  get get(): TestEngine['get'] {
    return this.engine.get;
  }

  async stop(): Promise<void> {
    await this.engine.close();
    await this.server.stop();
  }

  /** A second worker on the same database. */
  secondEngine(settings: Record<string, string> = {}): Promise<TestEngine> {
    return startEngine(settings, { beside: this.engine });
  }

  visit(): Promise<void> {
    return this.engine.visit(this.repository.id);
  }

  /** Registers the repository again after the index has lost it, and reads it from Git alone. */
  async forget(): Promise<void> {
    const { id, name, directory, deployment } = this.repository;
    await this.database.client.repository.delete({ where: { id } });
    this.repository = await this.engine.register({ name, url: this.url, directory, deployment });
    await this.visit();
  }

  /** Makes everything that waits due, the poll included, and visits. */
  async visitNow(): Promise<void> {
    await this.makeDue();
    await this.visit();
  }

  async makeDue(): Promise<void> {
    const { client } = this.database;
    const where = { repositoryId: this.repository.id };
    await client.operation.updateMany({ where: { ...where, state: 'running' }, data: { nextAttemptAt: new Date(0) } });
    await client.repositoryPolling.updateMany({ where, data: { nextSyncAt: new Date(0), blockedUntil: null } });
  }

  /** A draft of a new package. */
  async init(path: string, workspace = 'one', more: Partial<NewRevision> = {}): Promise<PackageRevision> {
    const segments = path.split('/');
    const request = {
      repositoryId: this.repository.id,
      package: segments.pop() ?? '',
      ...(segments.length > 0 && { realm: segments.join('/') }),
      workspace,
      source: { type: 'init' as const },
      ...more,
    };
    const { id } = await this.get(AuthoringService).create(request, someone('ada'));
    return this.row(id);
  }

  /** The next revision's draft. */
  async copy(
    of: PackageRevision,
    workspace: string,
    more: Pick<NewRevision, 'overwriteHead'> = {},
  ): Promise<PackageRevision> {
    const { id } = await this.get(AuthoringService).create(
      {
        repositoryId: this.repository.id,
        package: of.packageName,
        ...(of.realm && { realm: of.realm }),
        workspace,
        source: { type: 'copy', revisionId: of.id },
        ...more,
      },
      someone('ada'),
    );
    return this.row(id);
  }

  /** A draft with what the ref holds of a package. */
  async copyHead(path: string, workspace: string): Promise<PackageRevision> {
    const { id: packageId } = await this.package(path);
    const source = { type: 'copy' as const, packageId };
    const request = { repositoryId: this.repository.id, workspace, source };
    const { id } = await this.get(AuthoringService).create(request, someone('ada'));
    return this.row(id);
  }

  package(path: string) {
    return this.database.client.package.findFirstOrThrow({ where: { repositoryId: this.repository.id, path } });
  }

  /** The conditions of a revision as readers see them, by type. */
  async conditions(id: string): Promise<Record<string, string>> {
    const row = await this.get(PackageRevisionService).get(id);
    const { conditions } = toRevisionResponse(row, someone('ada'));
    return Object.fromEntries(conditions.map(({ type, message }) => [type, message]));
  }

  overwriteHead(id: string) {
    return this.get(PackageRevisionService).patch(id, { overwriteHead: true }, 'ada', ANY);
  }

  async edit(id: string, files: Record<string, string | null>, actor = 'ada'): Promise<PackageRevision> {
    const patch = Object.fromEntries(
      Object.entries(files).map(([path, content]) => [path, content === null ? null : { content }]),
    );
    await this.get(ResourcesService).patch(id, patch, actor, ANY);
    return this.row(id);
  }

  async propose(id: string): Promise<PackageRevision> {
    await this.lifecycle.propose(id, 'ada');
    return this.row(id);
  }

  /** Asks for the publication; a visit has to carry it out. */
  async approve(id: string, actor = 'grace'): Promise<Operation> {
    const result = await this.approvals.approve(id, someone(actor), ANY);
    if (!isPublication(result)) throw new Error('more approvals are needed');
    return result;
  }

  async proposeAndApprove(id: string): Promise<Operation> {
    await this.propose(id);
    return this.approve(id);
  }

  /** From nothing to the tag on the remote. */
  async publish(path: string, workspace = 'one', files: Record<string, string> = {}): Promise<PackageRevision> {
    const draft = await this.init(path, workspace);
    if (Object.keys(files).length > 0) await this.edit(draft.id, files);
    return this.publishDraft(draft.id);
  }

  async publishDraft(id: string): Promise<PackageRevision> {
    await this.proposeAndApprove(id);
    await this.visit();
    return this.row(id);
  }

  /** Asks for the deletion of a published revision. */
  async requestDeletion(id: string, head: DeletionHead = 'restore', force = false): Promise<Operation> {
    await this.lifecycle.proposeDeletion(id, { force: true, head }, someone('grace'));
    const operation = await this.lifecycle.delete(id, someone('grace'), ANY, force);
    if (!operation) throw new Error('not a published revision');
    return operation;
  }

  deleteDraft(id: string): Promise<Operation | null> {
    return this.lifecycle.delete(id, someone('ada'), ANY);
  }

  resolve(id: string, keep: Side) {
    return this.get(DraftConflictService).resolve(id, keep, 'ada', ANY);
  }

  rebase(id: string) {
    return this.get(RebaseService).rebase(id, 'ada', ANY);
  }

  get lifecycle(): LifecycleService {
    return this.get(LifecycleService);
  }

  get approvals(): ApprovalService {
    return this.get(ApprovalService);
  }

  get operations(): OperationService {
    return this.get(OperationService);
  }

  row(id: string): Promise<PackageRevision> {
    return this.database.client.packageRevision.findUniqueOrThrow({ where: { id } });
  }

  /** A published revision, by its package and number. */
  revision(path: string, revision: string): Promise<PackageRevision> {
    const { id: repositoryId } = this.repository;
    return this.database.client.packageRevision.findFirstOrThrow({ where: { repositoryId, path, revision } });
  }

  draft(path: string, workspace: string): Promise<PackageRevision> {
    return this.database.client.packageRevision.findFirstOrThrow({
      where: { repositoryId: this.repository.id, path, workspace },
    });
  }

  /** Paths of the entries that are reported beside the files of a revision. */
  async unsupported({ tree }: PackageRevision): Promise<string[]> {
    const found = await this.database.client.packageTree.findUniqueOrThrow({ where: { oid: tree } });
    return (found.unsupported as unknown as UnsupportedEntry[]).map(({ path }) => path);
  }

  /** All revisions of the repository. */
  rows(where: Prisma.PackageRevisionWhereInput = {}): Promise<PackageRevision[]> {
    return this.database.client.packageRevision.findMany({ where: { repositoryId: this.repository.id, ...where } });
  }

  operation(id: string): Promise<Operation> {
    return this.database.client.operation.findUniqueOrThrow({ where: { id } });
  }

  unfinished(): Promise<number> {
    const { id: repositoryId } = this.repository;
    return this.database.client.operation.count({ where: { repositoryId, state: { in: ['queued', 'running'] } } });
  }

  /** Revision and workspace of every published revision of a package, in the order of numbers. */
  async published(path: string): Promise<[string | null, string][]> {
    const rows = await this.database.client.packageRevision.findMany({
      where: { repositoryId: this.repository.id, path, lifecycle: { in: ['published', 'deletionProposed'] } },
      orderBy: { versionKey: 'asc' },
    });
    return rows.map((row) => [row.revision, row.workspace]);
  }

  /** What native git prints, trimmed. */
  async git(...args: string[]): Promise<string> {
    return (await git(args, { gitDir: this.remote.path })).toString().trim();
  }

  tags(): Promise<string[]> {
    return this.remote.tags();
  }

  /** Names of the remote's refs, without `refs/`. */
  async refs(): Promise<string[]> {
    return [...(await this.remote.refs()).keys()].map((ref) => ref.replace('refs/', ''));
  }
}
