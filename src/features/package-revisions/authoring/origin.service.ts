import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { ContentService } from '../../../content/content.service.js';
import type { Repository } from '../../../database/generated/client.js';
import { type PackageIdentity, packageIdentity } from '../../../domain/identity.js';
import type { RevisionSource, Upstream } from '../../../domain/revision.js';
import type { UpgradeRecord } from '../../../domain/upgrade.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import type { Settlement, UpgradeChoice } from '../upgrades/upgrade-plan.js';
import { PartUpgrades, type UpgradedParts } from '../upgrades/part-upgrades.js';
import { UpgradeService } from '../upgrades/upgrade.service.js';
import { type Destination, isPinned, PackageContent, type PinnedUpstream } from './package-content.js';
import { assertSamePackage, newIdentity, type PackageLocation } from './package-location.js';
import { type PinnedRevision, type UpstreamChoice, UpstreamService } from './upstream.service.js';

export type NewSource =
  | { type: 'init'; description?: string | undefined; keywords?: string[] | undefined }
  /** `tree`: what it is to hold, where that was worked out already. */
  | { type: 'clone'; upstream: UpstreamChoice | ReadUpstream; tree?: string | undefined }
  | { type: 'copy'; revisionId: string }
  | { type: 'copy'; packageId: string }
  | { type: 'copy'; found: FoundContent }
  | UpgradeSource
  | { type: 'upgrade'; upgraded: Upgraded };

/** An upstream that is no choice any more: it was read at its place in Git, or will have been (then nothing is known of its content). */
export interface ReadUpstream {
  read: PinnedUpstream | Upstream;
}

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

/** The next revision of a package, made from this one, with another revision of its upstream. */
export interface UpgradeSource extends Omit<UpgradeChoice, 'subpackage'>, Settlement {
  type: 'upgrade';
  revisionId: string;
  /** What is upgraded: whatever of it was made from this package, be it a folder; left out: the revision itself. */
  upstreamPackageId?: string | undefined;
}

/** What an upgrade of a published revision has given. */
export interface Upgraded {
  row: RevisionRow;
  tree: string;
  /** What the revision itself was brought to; null: only folders of it were. */
  root: { to: Pick<PinnedRevision, 'upstream' | 'revisionId'>; record: UpgradeRecord } | null;
  /** Sentences for users, where nobody has told them yet. */
  warnings?: readonly string[];
}

/** Where a new revision goes and what is in it. */
export interface Origin {
  identity: PackageIdentity;
  source: RevisionSource;
  upstream: Upstream | null;
  upstreamRevisionId: string | null;
  /** Of a copy: the tree that it has in Git. */
  copied: string | null;
  /** Sentences for users. */
  warnings?: readonly string[];
  /** Gives the tree; called once it is certain that the revision can be. */
  content: () => Promise<string>;
}

/** Where a request names the new upstream. */
const NEW_UPSTREAM = '/source/upstream';

/** Finds where a new revision goes, and what is in it. */
@Injectable()
export class OriginService {
  constructor(
    private readonly upstreams: UpstreamService,
    private readonly upgrades: UpgradeService,
    private readonly parts: PartUpgrades,
    private readonly content: PackageContent,
    private readonly contents: ContentService,
  ) {}

  async find(request: NewRevision, repository: Repository, caller: Caller): Promise<Origin> {
    const { source } = request;
    if (source.type === 'copy') {
      if ('found' in source) return this.copyOfFound(source.found, repository);
      return 'packageId' in source
        ? this.copyOfHead(source.packageId, request, repository, caller)
        : this.copyOf(source.revisionId, request, repository, caller);
    }
    if (source.type === 'upgrade') {
      const upgraded = 'upgraded' in source ? source.upgraded : await this.upgrade(source, caller);
      return upgradeOf(upgraded, request, repository);
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
    if ('read' in source.upstream) return this.cloneOfRead(source.upstream.read, identity, destination);
    const { upstream, revisionId } = await this.upstreams.pin(source.upstream, '/source/upstream', caller);
    const { tree } = source;
    const content = async () => tree ?? (await this.content.clone(destination, upstream));
    return { identity, source: { type: 'clone' }, upstream, upstreamRevisionId: revisionId, copied: null, content };
  }

  private async cloneOfRead(upstream: Upstream, identity: PackageIdentity, destination: Destination): Promise<Origin> {
    return {
      identity,
      source: { type: 'clone' },
      upstream,
      upstreamRevisionId: await this.upstreams.revisionAt(upstream),
      copied: null,
      content: () => (isPinned(upstream) ? this.content.clone(destination, upstream) : this.content.nothing()),
    };
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

  private async upgrade(source: UpgradeSource, caller: Caller): Promise<Upgraded> {
    const row = await this.upstreams.published(source.revisionId, 'copy', '/source/revisionId', caller);
    const { upstreamPackageId } = source;
    if (upstreamPackageId !== undefined)
      return { row, ...(await this.upgradeParts(row, upstreamPackageId, source, caller)) };
    const plan = await this.upgrades.plan(row, { ...source, subpackage: null }, NEW_UPSTREAM, caller);
    const { tree, record } = await this.upgrades.merged(row, plan, source);
    const warnings = [...plan.warnings, ...(await this.upgrades.foldersLeft(row, plan))];
    return { row, tree, root: { to: plan.to, record }, warnings };
  }

  private async upgradeParts(
    row: RevisionRow,
    packageId: string,
    source: UpgradeSource,
    caller: Caller,
  ): Promise<UpgradedParts> {
    await this.upstreams.assertPackage(packageId, '/source/upstreamPackageId', caller);
    return this.parts.merged(row, packageId, source, NEW_UPSTREAM, caller);
  }
}

/** One of folders alone is the next revision of the same package, from the same upstream. */
function upgradeOf({ row, tree, root, warnings = [] }: Upgraded, request: NewRevision, repository: Repository): Origin {
  const identity = packageIdentity(row.path, repository);
  assertSamePackage(request, { repositoryId: row.repositoryId, ...identity });
  const revision = row.revision ?? row.workspace;
  return {
    identity,
    source: root ? { type: 'upgrade', revision, ...root.record } : { type: 'copy', revision },
    upstream: root ? root.to.upstream : row.upstream,
    upstreamRevisionId: root ? root.to.revisionId : row.upstreamRevisionId,
    copied: row.tree,
    warnings,
    content: () => Promise.resolve(tree),
  };
}
