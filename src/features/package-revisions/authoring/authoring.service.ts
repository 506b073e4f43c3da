import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { ContentService } from '../../../content/content.service.js';
import { Database } from '../../../database/database.js';
import type { Repository } from '../../../database/generated/client.js';
import { DomainError, refusal } from '../../../domain/errors.js';
import { type PackageIdentity, packageIdentity } from '../../../domain/identity.js';
import type { RevisionSource, Upstream } from '../../../domain/revision.js';
import { AuthoredRevisions } from '../../../revisions/authored-revisions.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import { PackageStore } from '../../../revisions/package.store.js';
import { Packages } from '../../../revisions/packages.js';
import { AuthoringStore } from './authoring.store.js';
import { HeadRules } from '../head-rules.js';
import { assertMetadata } from '../metadata.js';
import { PackageContent } from './package-content.js';
import { assertNoClash, assertSamePackage, nameTaken, newIdentity, type PackageLocation } from './package-location.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { RevisionWork } from '../revision-work.js';
import { unknownReference, type UpstreamChoice, UpstreamService } from './upstream.service.js';

export type NewSource =
  | { type: 'init'; description?: string | undefined; keywords?: string[] | undefined }
  | { type: 'clone'; upstream: UpstreamChoice }
  | { type: 'copy'; revisionId: string }
  | { type: 'copy'; packageId: string }
  | { type: 'copy'; found: FoundContent };

/** Content that the index has of a package, which may be gone itself; without an upstream it has that of the latest revision. */
export interface FoundContent {
  path: string;
  packageId: string | null;
  tree: string;
  /** That it is of. */
  commit: string;
  upstream: Upstream | null;
}

export interface NewRevision extends PackageLocation {
  repositoryId: string;
  workspace: string;
  source: NewSource;
  /** Of a copy: also where its publication undoes what somebody has committed to the package on the ref. */
  overwriteHead?: true | undefined;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
}

/** Where a new revision goes and what is in it. */
interface Origin {
  identity: PackageIdentity;
  source: RevisionSource;
  upstream: Upstream | null;
  upstreamRevisionId: string | null;
  /** Of a copy: the tree that it has in Git. */
  copied: string | null;
  /** Gives the tree; called once it is certain that the revision can be. */
  content: () => Promise<string>;
}

/** Creates drafts. A creation that fails leaves nothing behind. */
@Injectable()
export class AuthoringService {
  constructor(
    private readonly database: Database,
    private readonly revisions: AuthoredRevisions,
    private readonly authoring: AuthoringStore,
    private readonly packages: Packages,
    private readonly packageStore: PackageStore,
    private readonly upstreams: UpstreamService,
    private readonly content: PackageContent,
    private readonly contents: ContentService,
    private readonly revisionStore: PackageRevisionStore,
    private readonly rules: HeadRules,
    private readonly work: RevisionWork,
  ) {}

  /** Where the draft goes the caller must be allowed to create one, and what it comes from they must be allowed to see. */
  async create(request: NewRevision, caller: Caller): Promise<RevisionRow> {
    assertMetadata(request);
    if (request.overwriteHead && request.source.type !== 'copy')
      throw refusal('invalidBody', '/overwriteHead', 'notAllowed', 'Only a copy has a head that it could overwrite.');
    return this.database.transaction(async () => {
      const repository = await this.syncedRepository(request.repositoryId, caller);
      const origin = await this.originOf(request, repository, caller);
      const { identity, source } = origin;
      caller.assertAllowed('packageRevisions.create', { repositoryId: repository.id, path: identity.path });
      await this.authoring.queueCreations(repository.id, identity.path);
      const neighbours = await this.authoring.neighbours(repository.id, identity.path);
      const maySee = (path: string) => caller.allows('packages.read', { repositoryId: repository.id, path });
      assertNoClash({ path: identity.path, leaf: request.workspace }, neighbours, repository, maySee);
      if (request.source.type !== 'copy') await this.assertNotNested(repository.id, identity.path, maySee);
      const owner = await this.packages.claim(repository.id, identity);
      if (
        request.source.type !== 'copy' &&
        (owner.headTree !== null || (await this.packageStore.hasRevisions(owner.id)))
      ) {
        throw new DomainError(
          'packageExists',
          `The package "${identity.path}" exists already. For its next revision use the source "copy".`,
          { packageId: owner.id },
        );
      }
      const tree = await origin.content();
      const beginning = {
        path: owner.path,
        copied: origin.copied,
        overwriteHead: request.overwriteHead ?? false,
        actor: caller.user,
      };
      const base = await this.rules.beginning(beginning, await this.revisionStore.packageNow(owner.id));
      const remarks = source.type === 'clone' ? await this.content.remarks(tree, origin.upstream, repository) : [];
      const row = await this.revisions.createDraft(repository, owner, {
        workspace: request.workspace,
        tree,
        ...base,
        conditions: [...base.conditions, ...remarks],
        source,
        upstream: origin.upstream,
        upstreamRevisionId: origin.upstreamRevisionId,
        labels: request.labels ?? {},
        annotations: request.annotations ?? {},
        at: new Date(),
        by: caller.user,
      });
      await this.work.push(row, caller.user);
      return row;
    });
  }

  /** A publication replaces its whole directory, so a new package inside another would be taken off the ref by it. */
  private async assertNotNested(repositoryId: string, path: string, maySee: (path: string) => boolean): Promise<void> {
    const other = await this.authoring.packageAround(repositoryId, path);
    if (other === null) return;
    if (!maySee(other)) throw nameTaken(path);
    throw new DomainError(
      'nameConflict',
      `"${path}" and the package "${other}" would lie one inside the other; choose another path.`,
    );
  }

  private async syncedRepository(id: string, caller: Caller): Promise<Repository> {
    const repository = await this.authoring.repository(id);
    if (!repository || !caller.allows('repositories.read', { repositoryId: id }))
      throw unknownReference('/repositoryId', `There is no repository with the id ${id}.`);
    if (repository.synced) return repository;
    throw new DomainError(
      'stateConflict',
      `The repository "${repository.name}" was not read yet, so nobody knows what is in it. Try again once it is synced.`,
      { repositoryId: id },
    );
  }

  private async originOf(request: NewRevision, repository: Repository, caller: Caller): Promise<Origin> {
    const { source } = request;
    if (source.type === 'copy') {
      if ('found' in source) return this.copyOfFound(source.found, repository);
      return 'packageId' in source
        ? this.copyOfHead(source.packageId, request, repository, caller)
        : this.copyOf(source.revisionId, request, repository, caller);
    }
    const identity = newIdentity(request, repository);
    const destination = { package: identity.package, deployment: repository.deployment };
    if (source.type === 'init') {
      const { description, keywords } = source;
      const info = { ...(description !== undefined && { description }), ...(keywords !== undefined && { keywords }) };
      const content = () => this.content.init(destination, info);
      return {
        identity,
        source: { type: 'init', ...info },
        upstream: null,
        upstreamRevisionId: null,
        copied: null,
        content,
      };
    }
    const { upstream, revisionId } = await this.upstreams.pin(source.upstream, caller);
    const content = () => this.content.clone(destination, upstream);
    return { identity, source: { type: 'clone' }, upstream, upstreamRevisionId: revisionId, copied: null, content };
  }

  /** The next revision: the same content, and the same upstream. */
  private async copyOf(
    revisionId: string,
    request: NewRevision,
    repository: Repository,
    caller: Caller,
  ): Promise<Origin> {
    const row = await this.upstreams.published(revisionId, 'copy', '/source/revisionId', caller);
    const identity = packageIdentity(row.path, repository);
    assertSamePackage(request, { repositoryId: row.repositoryId, ...identity });
    return {
      identity,
      source: { type: 'copy', revision: row.revision ?? row.workspace },
      upstream: row.upstream,
      upstreamRevisionId: row.upstreamRevisionId,
      copied: row.tree,
      content: () => this.contents.saveCanonical(row.tree),
    };
  }

  private async copyOfFound(
    { path, packageId, tree, commit, upstream }: FoundContent,
    repository: Repository,
  ): Promise<Origin> {
    const latest =
      packageId === null ? { upstream: null, upstreamRevisionId: null } : await this.upstreams.latestOf(packageId);
    const named = upstream && { upstream, upstreamRevisionId: await this.upstreams.revisionAt(upstream) };
    return {
      identity: packageIdentity(path, repository),
      source: { type: 'copy', commit },
      upstream: (named ?? latest).upstream,
      upstreamRevisionId: (named ?? latest).upstreamRevisionId,
      copied: tree,
      content: () => this.contents.saveCanonical(tree),
    };
  }

  /** The next revision, or the first, with what the ref holds; the upstream is that of the latest one, if there is any. */
  private async copyOfHead(
    packageId: string,
    request: NewRevision,
    repository: Repository,
    caller: Caller,
  ): Promise<Origin> {
    const { commit, tree, path, repositoryId } = await this.upstreams.head(packageId, '/source/packageId', caller);
    const identity = packageIdentity(path, repository);
    assertSamePackage(request, { repositoryId, ...identity });
    const { upstream, upstreamRevisionId } = await this.upstreams.latestOf(packageId);
    return {
      identity,
      source: { type: 'copy', commit },
      upstream,
      upstreamRevisionId,
      copied: tree,
      content: () => this.contents.saveCanonical(tree),
    };
  }
}
