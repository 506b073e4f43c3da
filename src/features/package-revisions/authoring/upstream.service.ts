import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { ContentService } from '../../../content/content.service.js';
import { DomainError, refusal } from '../../../domain/errors.js';
import { packageDirectory } from '../../../domain/identity.js';
import { assertAllowed } from '../../../domain/lifecycle.js';
import { shortRef } from '../../../domain/ref-layout.js';
import type { Upstream } from '../../../domain/revision.js';
import { isStorable } from '../../../domain/storable-text.js';
import { mayHaveUpstreamBut } from '../../../krm/kptfile.js';
import { AuthoringStore } from './authoring.store.js';
import type { PinnedUpstream } from './package-content.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { PlacedRevision, RevisionRow } from '../../../revisions/revision-row.js';

/** A published revision that something is made from. */
export interface PinnedRevision {
  row: RevisionRow;
  upstream: PinnedUpstream;
  revisionId: string;
}

/** Revisions by their ids, as they were when they were read. */
export type ReadRevisions = ReadonlyMap<string, PlacedRevision>;

export type UpstreamChoice = { revisionId: string } | { packageId: string };

/** Finds what a package can be begun from. A reference that leads nowhere is a fault of the request. */
@Injectable()
export class UpstreamService {
  constructor(
    private readonly store: PackageRevisionStore,
    private readonly authoring: AuthoringStore,
    private readonly contents: ContentService,
  ) {}

  /** The choice, pinned by commit and tree. `pointer`: where it stands in the request. */
  async pin(
    choice: UpstreamChoice,
    pointer: string,
    caller: Caller,
  ): Promise<{ upstream: PinnedUpstream; revisionId: string | null }> {
    return 'revisionId' in choice
      ? this.pinnedRevision(choice.revisionId, `${pointer}/revisionId`, caller)
      : this.pinHead(choice.packageId, `${pointer}/packageId`, caller);
  }

  /** A published revision, pinned; it stays published until the transaction ends. */
  async pinnedRevision(id: string, pointer: string, caller: Caller): Promise<PinnedRevision> {
    return this.pinnedAt(await this.published(id, 'clone', pointer, caller));
  }

  /** The same for what is only shown: the revision may be withdrawn meanwhile, and costs no statement where it was `read`. */
  async shownRevision(id: string, pointer: string, caller: Caller, read: ReadRevisions): Promise<PinnedRevision> {
    const known = read.get(id);
    const row = assertPublished(known ?? (await this.store.find(id)), id, 'clone', pointer, caller);
    return pinnedIn(known?.place ?? (await this.store.repositoryOf(row)), row);
  }

  /** The published revision that is copied or cloned; it stays published until the transaction ends. */
  async published(id: string, action: 'copy' | 'clone', pointer: string, caller: Caller): Promise<RevisionRow> {
    const locked = await this.store.lock(id, 'share');
    const row = locked === null || locked === 'gone' ? null : locked.row;
    return assertPublished(row, id, action, pointer, caller);
  }

  /**
   * The upstream that a package's own Kptfile pins, where that is another than the recorded one: somebody has merged a newer
   * one by hand. Null where no published revision that the caller may see is there.
   */
  async namedBy(
    kptfile: Uint8Array | null,
    recorded: Upstream | null,
    caller: Caller,
  ): Promise<{ upstream: PinnedUpstream; revisionId: string } | null> {
    if (kptfile === null || !mayHaveUpstreamBut(kptfile, recorded?.commit ?? null)) return null;
    const [file] = await this.contents.readKptfiles([kptfile]);
    const lock = file?.upstreamLock ?? null;
    if (lock === null || ![lock.repo, lock.ref, lock.commit].every(isStorable)) return null;
    const row = await this.store.publishedAt(lock.repo, lock.ref, lock.commit);
    return row && caller.allows('packages.read', row) ? this.pinnedAt(row) : null;
  }

  private async pinnedAt(row: RevisionRow): Promise<PinnedRevision> {
    return pinnedIn(await this.store.repositoryOf(row), row);
  }

  /** Throws where there is no such package, as far as the caller may know. */
  async assertPackage(id: string, pointer: string, caller: Caller): Promise<void> {
    const place = await this.authoring.headOf(id);
    if (place === null || !caller.allows('packages.read', place))
      throw unknownReference(pointer, `There is no package with the id ${id}.`);
  }

  /** What the ref holds of a package that the caller may see. */
  async head(id: string, pointer: string, caller: Caller) {
    const head = await this.authoring.headOf(id);
    if (!head || !caller.allows('packages.read', head))
      throw unknownReference(pointer, `There is no package with the id ${id}.`);
    const { commit, tree } = head;
    if (tree !== null && commit !== null) return { ...head, commit, tree };
    throw new DomainError(
      'stateConflict',
      `The repository's ref holds nothing of the package "${head.path}"; take a revision.`,
    );
  }

  /** The id of the published revision that an upstream names, while there is one. */
  async revisionAt({ url, ref, commit }: Upstream): Promise<string | null> {
    return commit === null ? null : ((await this.store.publishedAt(url, ref, commit))?.id ?? null);
  }

  /** The upstream of a package's latest revision. */
  async latestOf(packageId: string): Promise<Pick<RevisionRow, 'upstream' | 'upstreamRevisionId'>> {
    const { latest } = await this.store.packageNow(packageId);
    const row = latest && (await this.store.find(latest.revisionId));
    return row ?? { upstream: null, upstreamRevisionId: null };
  }

  private async pinHead(
    id: string,
    pointer: string,
    caller: Caller,
  ): Promise<{ upstream: PinnedUpstream; revisionId: null }> {
    const { url, directory, path, ref, commit, tree } = await this.head(id, pointer, caller);
    const upstream = { url, directory: packageDirectory(directory, path), ref: shortRef(ref), commit, tree };
    return { upstream, revisionId: null };
  }
}

function pinnedIn({ url, directory }: PlacedRevision['place'], row: RevisionRow): PinnedRevision {
  if (row.tag === null || row.commit === null) throw new Error(`Published revision ${row.id} has no tag or no commit`);
  const upstream = {
    url,
    directory: packageDirectory(directory, row.path),
    ref: shortRef(row.tag),
    commit: row.commit,
    tree: row.tree,
  };
  return { row, upstream, revisionId: row.id };
}

/** Refuses what the caller may not see, and what nothing can be made from. */
function assertPublished(
  row: RevisionRow | null,
  id: string,
  action: 'copy' | 'clone',
  pointer: string,
  caller: Caller,
): RevisionRow {
  if (row === null || !caller.allows('packages.read', row))
    throw unknownReference(pointer, `There is no package revision with the id ${id}.`);
  assertAllowed(row, action);
  return row;
}

export const unknownReference = (pointer: string, message: string): DomainError =>
  refusal('invalidBody', pointer, 'notFound', message);
