import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Authenticator } from '../../../access/authenticator.js';
import type { Caller } from '../../../access/caller.js';
import { DomainError } from '../../../domain/errors.js';
import type { Mutations } from '../../../domain/mutation.js';
import type { UpgradeStrategy } from '../../../domain/upgrade.js';
import { filledMutation, filledText, UnresolvedNameError, type VariantNames } from '../../../domain/variant.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { type PinnedRevision, UpstreamService } from '../../package-revisions/authoring/upstream.service.js';
import type { Settlement } from '../../package-revisions/upgrades/upgrade-plan.js';
import { ownerOf, type VariantRow } from '../variant-row.js';
import { ReconcileStore } from './reconcile.store.js';

/** What a variant is to be made of now, and what is there of it. */
export interface Wanted {
  /** With whose rights. */
  caller: Caller;
  repository: { id: string; deployment: boolean };
  upstream: PinnedRevision;
  mutations: Mutations;
  strategy: UpgradeStrategy;
  settlement: Settlement;
  /** The package; null: there is none. */
  packageId: string | null;
  /** Its latest publication. */
  latest: RevisionRow | null;
  /** Equal ones want the same. */
  inputs: string;
}

/** Why what is wanted cannot be made; it may be seconds until it can. */
export class BlockedError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Finds what a variant is to be made of. */
@Injectable()
export class WantedContent {
  constructor(
    private readonly store: ReconcileStore,
    private readonly revisions: PackageRevisionStore,
    private readonly upstreams: UpstreamService,
    private readonly authenticator: Authenticator,
  ) {}

  /** Throws {@link BlockedError} and `DomainError`. */
  async find(variant: VariantRow): Promise<Wanted> {
    const caller = await this.authenticator.again(ownerOf(variant));
    const { repositoryId, path } = variant;
    caller.assertAllowed('packageRevisions.create', { repositoryId, path });
    caller.assertAllowed('packageRevisions.edit', { repositoryId, path });
    await this.assertOwn(variant);
    const repository = await this.repositoryOf(repositoryId);
    const upstream = await this.upstreamOf(variant, caller);
    const mutations = await this.filled(variant, upstream.row.revision ?? '');
    const { packageId, latest } = await this.present(variant);
    const { strategy, resolutions, defaultResolution } = variant;
    const settlement = { resolutions, defaultResolution };
    const { commit, tree } = upstream.upstream;
    const facts = [commit, tree, latest?.id, latest?.tree, mutations, strategy, settlement];
    const inputs = hash('sha256', JSON.stringify(facts), 'hex');
    return { caller, repository, upstream, mutations, strategy, settlement, packageId, latest, inputs };
  }

  private async assertOwn(variant: VariantRow): Promise<void> {
    const other = await this.store.claimedBy(variant);
    if (other === null) return;
    throw new BlockedError('claimed', `The package "${variant.path}" is that of the older variant "${other}".`);
  }

  private async repositoryOf(id: string): Promise<Wanted['repository']> {
    const repository = await this.store.repository(id);
    if (!repository) throw new BlockedError('repositoryGone', 'Its repository is not registered any more.');
    if (!repository.synced) throw new BlockedError('notSynced', 'Its repository was not read yet.');
    return repository;
  }

  private async upstreamOf({ upstreamPackageId, follow }: VariantRow, caller: Caller): Promise<PinnedRevision> {
    const id = await this.store.followed(upstreamPackageId, follow);
    const row = id === null ? null : await this.revisions.find(id);
    if (row && caller.allows('packages.read', row)) return this.upstreams.pinnedRevision(row.id, '/upstream', caller);
    const isThere = row !== null || (await this.store.isPackage(upstreamPackageId));
    if (!isThere) throw new BlockedError('upstreamGone', 'The package that it is made from is not here any more.');
    throw new BlockedError('noRevision', `The package that it is made from has no published revision "${follow}".`);
  }

  private async filled(variant: VariantRow, upstreamRevision: string): Promise<Mutations> {
    const { target, mutations, packageContext } = variant;
    const labels = target === null ? {} : await this.store.targetLabels(target);
    const names: VariantNames = { target: { name: target, labels }, variant: variant.name, upstreamRevision };
    try {
      const context = Object.entries(packageContext).map(([key, value]) => [key, filledText(value, names)]);
      return {
        mutations: mutations.map((mutation) => filledMutation(mutation, names)),
        packageContext: Object.fromEntries(context) as Record<string, string>,
      };
    } catch (error) {
      if (!(error instanceof UnresolvedNameError)) throw error;
      throw new BlockedError('unresolvedName', error.message);
    }
  }

  /** Nobody's package is taken over unasked. */
  private async present({ repositoryId, path, packageId, adoption }: VariantRow) {
    const present = await this.store.packageAt(repositoryId, path);
    if (!present?.isThere) return { packageId: present?.id ?? null, latest: null };
    if (packageId !== present.id && adoption === 'refuse') {
      throw new BlockedError('packageExists', `The package "${path}" is there already, and was not made for it.`);
    }
    const { latest } = await this.revisions.packageNow(present.id);
    return { packageId: present.id, latest: latest && (await this.revisions.find(latest.revisionId)) };
  }
}

/** What stands in the way for seconds, and not until somebody does something. */
export const passes = (error: unknown): boolean =>
  (error instanceof BlockedError && error.code === 'notSynced') ||
  (error instanceof DomainError && error.code === 'operationInProgress');
