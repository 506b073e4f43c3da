import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { DomainError, refusal } from '../../../domain/errors.js';
import { packageDirectory } from '../../../domain/identity.js';
import { assertAllowed } from '../../../domain/lifecycle.js';
import { shortRef } from '../../../domain/ref-layout.js';
import { AuthoringStore } from './authoring.store.js';
import type { PinnedUpstream } from './package-content.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';

export type UpstreamChoice = { revisionId: string } | { packageId: string };

/** Finds what a package can be begun from. A reference that leads nowhere is a fault of the request. */
@Injectable()
export class UpstreamService {
  constructor(
    private readonly store: PackageRevisionStore,
    private readonly authoring: AuthoringStore,
  ) {}

  /** The choice, pinned by commit and tree. */
  async pin(choice: UpstreamChoice, caller: Caller): Promise<{ upstream: PinnedUpstream; revisionId: string | null }> {
    return 'revisionId' in choice
      ? this.pinRevision(choice.revisionId, caller)
      : this.pinHead(choice.packageId, caller);
  }

  /** The published revision that is copied or cloned; it stays published until the transaction ends. */
  async published(id: string, action: 'copy' | 'clone', pointer: string, caller: Caller): Promise<RevisionRow> {
    const locked = await this.store.lock(id, 'share');
    if (locked === null || locked === 'gone' || !caller.allows('packages.read', locked.row))
      throw unknownReference(pointer, `There is no package revision with the id ${id}.`);
    assertAllowed(locked.row, action);
    return locked.row;
  }

  private async pinRevision(id: string, caller: Caller): Promise<{ upstream: PinnedUpstream; revisionId: string }> {
    const row = await this.published(id, 'clone', '/source/upstream/revisionId', caller);
    const { url, directory } = await this.store.repositoryOf(row);
    if (row.tag === null || row.commit === null) throw new Error(`Published revision ${id} has no tag or no commit`);
    const upstream = {
      url,
      directory: packageDirectory(directory, row.path),
      ref: shortRef(row.tag),
      commit: row.commit,
      tree: row.tree,
    };
    return { upstream, revisionId: row.id };
  }

  private async pinHead(id: string, caller: Caller): Promise<{ upstream: PinnedUpstream; revisionId: null }> {
    const pointer = '/source/upstream/packageId';
    const head = await this.authoring.headOf(id);
    if (!head || !caller.allows('packages.read', head))
      throw unknownReference(pointer, `There is no package with the id ${id}.`);
    const { url, directory, path, ref, commit, tree } = head;
    if (tree === null || commit === null) {
      throw new DomainError(
        'stateConflict',
        `The repository's ref holds nothing of the package "${path}"; clone a revision.`,
      );
    }
    const upstream = { url, directory: packageDirectory(directory, path), ref: shortRef(ref), commit, tree };
    return { upstream, revisionId: null };
  }
}

export const unknownReference = (pointer: string, message: string): DomainError =>
  refusal('invalidBody', pointer, 'notFound', message);
