import { Injectable } from '@nestjs/common';
import type { Repository } from '../../database/generated/client.js';
import { pathBelowDirectory } from '../../domain/identity.js';
import { HEADS, type RefMeaning, readRef, shortRef } from '../../domain/ref-layout.js';
import type { Upstream } from '../../domain/revision.js';
import { readMessage } from '../../domain/commit-message.js';
import type { GitCommit, GitRepository } from '../../git/port.js';
import { treeAt } from '../../git/tree.js';
import { readKptfile } from '../../krm/kptfile.js';
import { EMPTY_TREE } from '../../content/git-hash.js';
import { ContentStore } from '../../content/content.store.js';
import { readRecord, signatureDate } from './commit-record.js';
import type { DraftFacts, TagFacts } from './facts.js';
import { PackageReader } from './package-reader.js';

type Place = Pick<Repository, 'directory' | 'ref'>;

/** Reads what one ref says. Null: it says nothing about a package of this repository. */
@Injectable()
export class RefReader {
  constructor(
    private readonly packages: PackageReader,
    private readonly content: ContentStore,
  ) {}

  /** DESIGN section 4 "Read": a published revision, if its directory is a package in the tagged commit. */
  async readTag(git: GitRepository, place: Place, ref: string, oid: string): Promise<TagFacts | null> {
    const meaning = readRef(ref);
    if (meaning?.kind !== 'tag') return null;
    const path = pathBelowDirectory(place.directory, meaning.directory);
    const peeled = path === null ? null : await git.peel(oid);
    if (path === null || peeled === null) return null;
    const commit = await git.readCommit(peeled.commit);
    const tree = await treeAt(git, commit.tree, meaning.directory);
    if (tree === null || (await this.packages.readPackage(git, tree)) === null) return null;
    const record = readRecord(commit.message);
    return {
      ref,
      path,
      revision: meaning.revision,
      workspace: record.workspace ?? meaning.revision,
      tree,
      commit: commit.oid,
      mergedCommits: commit.parents,
      source: record.source,
      upstream: record.upstream ?? (await this.upstreamOf(tree)),
      // The date of the content, as package catalogs show it: a tag may be set, or set again, much later.
      publishedAt: signatureDate(commit.author),
      publishedBy: (peeled.tags[0]?.tagger ?? commit.author).name,
    };
  }

  /** A draft branch, of either dialect. Its directory may hold anything, also nothing yet. */
  async readDraft(git: GitRepository, place: Place, ref: string, oid: string): Promise<DraftFacts | null> {
    const meaning = readRef(ref);
    const name = draftName(meaning, ref, place);
    const path = name && pathBelowDirectory(place.directory, name.directory);
    const peeled = name && path !== null ? await git.peel(oid) : null;
    if (!name || path === null || !peeled) return null;
    const commit = await git.readCommit(peeled.commit);
    if (meaning?.kind === 'branch' && readMessage(commit.message).pkgserver === null) return null;
    const tree = (await treeAt(git, commit.tree, name.directory)) ?? EMPTY_TREE;
    await this.packages.readTree(git, tree);
    const record = readRecord(commit.message);
    return {
      ref,
      path,
      workspace: name.workspace,
      lifecycle: meaning?.kind === 'proposed' ? 'proposed' : 'draft',
      tree,
      commit: commit.oid,
      baseCommit: record.baseCommit,
      operationId: record.operationId,
      source: record.source,
      upstream: record.upstream ?? (await this.upstreamOf(tree)),
      changedAt: signatureDate(commit.author),
      changedBy: commit.author.name,
    };
  }

  /** The upstream that the package's Kptfile tells of, for packages that others cloned. */
  private async upstreamOf(tree: string): Promise<Upstream | null> {
    const file = (await this.content.filesOf(tree)).find((entry) => entry.path === 'Kptfile');
    const bytes = file && (await this.content.readBlobs([file.oid])).get(file.oid);
    const kptfile = bytes && readKptfile(new TextDecoder().decode(bytes));
    if (!kptfile?.upstream) return null;
    const { repo, directory, ref } = kptfile.upstreamLock ?? kptfile.upstream;
    const commit = kptfile.upstreamLock?.commit ?? null;
    return { url: repo, directory: directory.replace(/^\/+|\/+$/g, ''), ref, commit, tree: null };
  }
}

function draftName(meaning: RefMeaning | null, ref: string, place: Place): { directory: string; workspace: string } | null {
  if (meaning?.kind === 'drafts' || meaning?.kind === 'proposed') return meaning;
  if (meaning?.kind !== 'branch' || meaning.directory === null || ref === HEADS + shortRef(place.ref)) return null;
  return { directory: meaning.directory, workspace: meaning.workspace };
}

/** The first commit on the draft's line (first parents) that the ref's history holds; null where there is none. */
export async function findBase(
  git: GitRepository,
  tip: string,
  isOnRef: (commit: string) => Promise<boolean>,
): Promise<string | null> {
  let commit: string | undefined = tip;
  while (commit !== undefined) {
    if (await isOnRef(commit)) return commit;
    const { parents }: GitCommit = await git.readCommit(commit);
    commit = parents[0];
  }
  return null;
}
