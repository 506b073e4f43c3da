import { Injectable } from '@nestjs/common';
import type { Repository } from '../../database/generated/client.js';
import { pathBelowDirectory } from '../../domain/identity.js';
import { branchRef, draftRef, proposedRef, readRef } from '../../domain/ref-layout.js';
import { majorNumber } from '../../domain/version.js';
import type { GitRepository } from '../../git/port.js';
import { treeAt } from '../../git/tree.js';
import type { DraftFacts } from './facts.js';
import { changedHeads } from './head-walk.js';
import type { IndexChanges } from './index-changes.js';
import { givenNumbers, newCommits } from './ref-history.js';
import { PackageReader } from './package-reader.js';
import { RefReader, findBase } from './ref-reader.js';

/** A ref that is not what it was at the last sync. */
export interface ChangedRef {
  name: string;
  oid: string | null;
}

/** Reads from Git what changed refs mean. Content goes into the index at once (nobody sees it yet); rows come later. */
@Injectable()
export class ChangeReader {
  constructor(
    private readonly reader: RefReader,
    private readonly packages: PackageReader,
  ) {}

  async read(
    git: GitRepository,
    repository: Repository,
    refs: ReadonlyMap<string, string>,
    changed: readonly ChangedRef[],
  ): Promise<IndexChanges> {
    const mainRef = branchRef(repository.ref);
    const commit = refs.get(mainRef) ?? null;
    const changes: IndexChanges = {
      tags: [],
      goneTags: [],
      drafts: [],
      deletionProposals: [],
      heads: [],
      numbers: new Map(),
      refs: [],
      commit,
    };
    if (commit !== repository.commit) {
      const head = await this.readHead(git, repository, commit);
      changes.heads = head.heads;
      for (const [path, number] of head.numbers) raise(changes.numbers, path, number);
    }
    const isOnRef = lazyHistory(git, commit);
    const drafts = new Map<string, { path: string; workspace: string; directory: string; other: string | null }>();
    for (const ref of changed) {
      const meaning = ref.name === mainRef ? null : readRef(ref.name);
      const path = meaning?.directory == null ? null : pathBelowDirectory(repository.directory, meaning.directory);
      let ignored = ref.name.startsWith('refs/tags/') && meaning === null;
      if (meaning && path !== null) {
        if (meaning.kind === 'tag') {
          ignored = await this.readTag(git, repository, { ...ref, path, revision: meaning.revision }, changes);
        } else if (meaning.kind === 'deletionProposed') {
          const { revision } = meaning;
          changes.deletionProposals.push({ path, revision, ref: ref.name, present: ref.oid !== null });
        } else {
          const other = meaning.kind === 'branch' ? ref.name : null;
          const key = `${meaning.directory}\n${meaning.workspace}`;
          const directory = meaning.directory ?? '';
          drafts.set(key, { path, workspace: meaning.workspace, directory, other: other ?? drafts.get(key)?.other ?? null });
        }
      }
      changes.refs.push({ name: ref.name, oid: ref.oid, ignored });
    }
    for (const draft of drafts.values()) {
      const remote = await this.readDraft(git, repository, refs, draft, isOnRef);
      // A branch in the other dialect's place that is no draft is somebody's ordinary branch.
      if (remote === null && draft.other !== null && refs.has(draft.other)) continue;
      changes.drafts.push({ path: draft.path, workspace: draft.workspace, remote });
    }
    return changes;
  }

  /** What moving the ref from the repository's indexed commit to `commit` changes: packages' heads, numbers given out. */
  async readHead(
    git: GitRepository,
    repository: Repository,
    commit: string | null,
  ): Promise<Pick<IndexChanges, 'heads' | 'numbers'>> {
    const treeOf = async (oid: string | null): Promise<string | null> =>
      oid !== null && (await git.has(oid)) ? treeAt(git, (await git.readCommit(oid)).tree, repository.directory) : null;
    const found: Pick<IndexChanges, 'heads' | 'numbers'> = { heads: [], numbers: new Map() };
    const [before, after] = [await treeOf(repository.commit), await treeOf(commit)];
    for (const head of await changedHeads(git, before, after, repository.directory)) {
      const path = pathBelowDirectory(repository.directory, head.directory);
      if (path === null) continue;
      if (head.tree !== null) await this.packages.readTree(git, head.tree);
      found.heads.push({ path, tree: head.tree });
    }
    for (const [directory, number] of givenNumbers(await newCommits(git, commit, repository.commit))) {
      const path = pathBelowDirectory(repository.directory, directory);
      if (path !== null) raise(found.numbers, path, number);
    }
    return found;
  }

  /** Returns whether the tag is one to ignore. */
  private async readTag(
    git: GitRepository,
    repository: Repository,
    tag: ChangedRef & { path: string; revision: string },
    changes: IndexChanges,
  ): Promise<boolean> {
    raise(changes.numbers, tag.path, majorNumber(tag.revision) ?? 0);
    const facts = tag.oid === null ? null : await this.reader.readTag(git, repository, tag.name, tag.oid);
    if (facts) changes.tags.push(facts);
    else changes.goneTags.push({ path: tag.path, revision: tag.revision });
    return facts === null && tag.oid !== null;
  }

  /** The draft's branch now: the proposed one where both are there (a rename that was cut short). */
  private async readDraft(
    git: GitRepository,
    repository: Repository,
    refs: ReadonlyMap<string, string>,
    draft: { directory: string; workspace: string; other: string | null },
    isOnRef: (commit: string) => Promise<boolean>,
  ): Promise<DraftFacts | null> {
    const candidates = [
      proposedRef(draft.directory, draft.workspace),
      draftRef(draft.directory, draft.workspace),
      ...(draft.other === null ? [] : [draft.other]),
    ];
    for (const name of candidates) {
      const oid = refs.get(name);
      const facts = oid === undefined ? null : await this.reader.readDraft(git, repository, name, oid);
      if (facts) return { ...facts, baseCommit: facts.baseCommit ?? (await findBase(git, facts.commit, isOnRef)) };
    }
    return null;
  }
}

function raise(numbers: Map<string, number>, path: string, number: number): void {
  if (number > (numbers.get(path) ?? 0)) numbers.set(path, number);
}

/** Whether a commit is in the ref's history; the history is walked once, and only when someone asks. */
function lazyHistory(git: GitRepository, head: string | null): (commit: string) => Promise<boolean> {
  let history: Promise<Set<string>> | null = null;
  return async (commit) => {
    history ??= newCommits(git, head, null).then((commits) => new Set(commits.map(({ oid }) => oid)));
    return (await history).has(commit);
  };
}
