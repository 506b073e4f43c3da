import { Injectable, Logger } from '@nestjs/common';
import type { Package, PackageRevision, Repository } from '../../database/generated/client.js';
import { isPublished } from '../../domain/lifecycle.js';
import { ChangedTags } from '../../revisions/changed-tags.js';
import { DriftLog } from '../../revisions/drift/drift-log.js';
import type { FoundDrift } from '../../revisions/drift/found-drift.js';
import { latestKey } from '../../domain/version.js';
import { DiscoveredPublications, discoveredRow, type KnownRevision } from '../../revisions/discovered-publications.js';
import type { DraftFacts, TagFacts } from '../../revisions/git-facts.js';

/** Writes published revisions as the tags tell them. Runs inside the sync's transaction. */
@Injectable()
export class TagWriter {
  private readonly logger = new Logger(TagWriter.name);

  constructor(
    private readonly revisions: DiscoveredPublications,
    private readonly changedTags: ChangedTags,
    private readonly drift: DriftLog,
  ) {}

  /**
   * Gives the ids of those that others have published. `existing`: all revisions of the packages concerned; it is brought up to
   * date as rows are written. `drafts`: what the branches hold that were read with the tags, null for one that has gone.
   */
  async write(
    repository: Repository,
    packages: ReadonlyMap<string, Package>,
    existing: Map<string, KnownRevision[]>,
    tags: readonly TagFacts[],
    drafts: readonly { path: string; workspace: string; remote: DraftFacts | null }[],
  ): Promise<string[]> {
    const branches = new Map(drafts.map(({ path, workspace, remote }) => [`${path}/${workspace}`, remote]));
    const created: PackageRevision[] = [];
    const external: string[] = [];
    const added: FoundDrift[] = [];
    const indexes = new Map<string, Siblings>();
    for (const tag of tags) {
      const owner = packages.get(tag.path);
      if (!owner) continue;
      const siblings = indexes.get(owner.id) ?? new Siblings(existing, owner.id);
      indexes.set(owner.id, siblings);
      const same = siblings.byRevision.get(tag.revision);
      const draft = siblings.byWorkspace.get(tag.workspace);
      const branch = branches.get(`${tag.path}/${tag.workspace}`);
      if (same) {
        if (same.commit === tag.commit && same.tree === tag.tree) {
          await this.changedTags.putBack(same, tag.ref);
          continue;
        }
        const follows = await this.changedTags.move(same, tag);
        if (follows && tag.external) external.push(same.id);
      } else if (draft && isPublicationOf(draft, tag, branch)) {
        await this.revisions.adoptExternalTag(draft, tag);
        if (tag.external) {
          external.push(draft.id);
          added.push(addedTag(repository.id, draft.id, tag, siblings.latest));
        }
        draft.lifecycle = 'published';
        draft.revision = tag.revision;
        siblings.byRevision.set(tag.revision, draft);
      } else {
        const row = discoveredRow(repository, owner, tag, siblings.freeWorkspace(tag, branch));
        created.push(row);
        if (tag.external) {
          external.push(row.id);
          added.push(addedTag(repository.id, row.id, tag, siblings.latest));
        }
        siblings.add(row);
      }
    }
    const count = await this.revisions.insert(created);
    await this.drift.found(added);
    if (count < created.length) {
      this.logger.warn(`${created.length - count} revisions have names that others have already.`);
    }
    return external;
  }
}

/** Somebody else has set it; `latest` was the package's latest until then. */
const addedTag = (
  repositoryId: string,
  revisionId: string,
  { path, ref, tip, tree }: TagFacts,
  latest: KnownRevision | undefined,
): FoundDrift => ({
  ...{ kind: 'tagAdded', repositoryId, path, ref, revisionId, git: { ...tip, tree } },
  held: latest ? { commit: latest.commit, tree: latest.tree, revision: latest.revision } : {},
});

/**
 * A draft that the tag published: by an operation of ours whose end was not recorded, or by someone else. A draft with edits
 * of its own that are not in the tag stays a draft, and so does one whose branch has other content than what somebody tagged.
 */
function isPublicationOf(row: KnownRevision, tag: TagFacts, branch: DraftFacts | null | undefined): boolean {
  if (isPublished(row.lifecycle)) return false;
  if (row.tree === tag.tree) return true;
  // The service has published it after what this row says: the index is an older one, which was restored.
  if (!tag.external && tag.isRecorded && tag.publishedAt > row.updatedAt) return true;
  return row.tree === row.pushedTree && (tag.isRecorded || branch === null || branch?.tree === tag.tree);
}

/** Finds the revisions of one package by what is unique among them. */
class Siblings {
  readonly byRevision = new Map<string, KnownRevision>();
  readonly byWorkspace = new Map<string, KnownRevision>();
  /** The highest version of those that were there before. */
  readonly latest: KnownRevision | undefined;
  private readonly rows: KnownRevision[];

  constructor(existing: Map<string, KnownRevision[]>, packageId: string) {
    this.rows = existing.get(packageId) ?? [];
    existing.set(packageId, this.rows);
    this.rows.forEach((row) => this.index(row));
    const versions = this.rows.filter(({ lifecycle }) => isPublished(lifecycle));
    const keyOf = ({ revision }: KnownRevision): string => latestKey(revision ?? '') ?? '';
    this.latest = versions.reduce<KnownRevision | undefined>(
      (top, next) => (top && keyOf(top) > keyOf(next) ? top : next),
      undefined,
    );
  }

  add(row: KnownRevision): void {
    this.rows.push(row);
    this.index(row);
  }

  /**
   * Picks the workspace that the commit names; where it is taken (hand-made tags), or its draft has gone on, the revision, then
   * a numbered one.
   */
  freeWorkspace(tag: TagFacts, branch: DraftFacts | null | undefined): string {
    const goneOn = !tag.isRecorded && branch != null && branch.tree !== tag.tree;
    const candidates = [tag.workspace, tag.revision].filter((name) => !goneOn || name !== tag.workspace);
    for (let number = 2; ; number += 1) {
      const candidate = candidates.shift() ?? `${tag.revision}-${number}`;
      if (!this.byWorkspace.has(candidate)) return candidate;
    }
  }

  private index(row: KnownRevision): void {
    this.byWorkspace.set(row.workspace, row);
    if (row.revision !== null) this.byRevision.set(row.revision, row);
  }
}
