import { Injectable, Logger } from '@nestjs/common';
import type { Repository } from '../../database/generated/client.js';
import { pathBelowDirectory } from '../../domain/identity.js';
import {
  type RefMeaning,
  TAGS,
  branchRef,
  deletionProposedRef,
  draftRef,
  proposedRef,
  readRef,
} from '../../domain/ref-layout.js';
import { majorNumber } from '../../domain/version.js';
import type { GitRepository } from '../../git/port.js';
import { isContentFault } from './content-fault.js';
import type { DraftFacts, TagFacts } from './facts.js';
import { HeadReader } from './head-reader.js';
import type { IndexChanges } from './index-changes.js';
import { type IndexedTree, PackageReader } from './package-reader.js';
import { newCommits } from './ref-history.js';
import { RefReader, findBase } from './ref-reader.js';

/** A ref that is not what it was at the last sync. */
export interface ChangedRef {
  name: string;
  oid: string | null;
}

/** A changed ref that is, or was, about a package of the repository. */
interface PackageRef extends ChangedRef {
  path: string;
  meaning: RefMeaning & { directory: string };
}

/** One visit's view of the remote. */
interface Source {
  git: GitRepository;
  repository: Repository;
  /** Without those that the remote cannot send. */
  refs: ReadonlyMap<string, string>;
}

/** Reads from Git what changed refs mean. Content goes into the index at once (nobody sees it yet); rows come later. */
@Injectable()
export class ChangeReader {
  private readonly logger = new Logger(ChangeReader.name);

  constructor(
    private readonly reader: RefReader,
    private readonly packages: PackageReader,
    private readonly heads: HeadReader,
  ) {}

  async read(
    git: GitRepository,
    repository: Repository,
    refs: ReadonlyMap<string, string>,
    changed: readonly ChangedRef[],
    /** OIDs that the remote cannot send: their refs say nothing. */
    lost: ReadonlySet<string> = new Set(),
  ): Promise<IndexChanges> {
    const readable = new Map([...refs].filter(([, oid]) => !lost.has(oid)));
    const source: Source = { git, repository, refs: readable };
    const commit = refs.get(branchRef(repository.ref)) ?? null;
    const head = commit === repository.commit ? null : await this.heads.read(git, repository, commit);
    const found = packageRefs(repository, changed);
    const tags = await this.readTags(source, found);
    const drafts = await this.readDrafts(source, found, commit);
    const trees = await this.packages.read(
      git,
      new Map([
        ...[...tags.values()].flatMap((tag) => (tag ? [[tag.tree, 'package'] as const] : [])),
        ...drafts.flatMap(({ remote }) => (remote ? [[remote.tree, 'any'] as const] : [])),
      ]),
    );
    const changes: IndexChanges = {
      tags: [],
      goneTags: [],
      drafts: drafts.map((draft) => ({ ...draft, remote: draft.remote && withUpstream(draft.remote, trees) })),
      deletionProposals: [],
      heads: head?.heads ?? [],
      numbers: head?.numbers ?? new Map(),
      refs: changed.map(({ name, oid }) => ({
        name,
        oid,
        ignored: name.startsWith(TAGS) && !name.slice(TAGS.length).includes('/'),
      })),
      commit,
    };
    this.addTags(source, found, tags, trees, changes);
    return changes;
  }

  readHead(
    git: GitRepository,
    repository: Repository,
    commit: string | null,
  ): Promise<Pick<IndexChanges, 'heads' | 'numbers'>> {
    return this.heads.read(git, repository, commit);
  }

  private async readTags(
    { git, repository, refs }: Source,
    found: readonly PackageRef[],
  ): Promise<Map<string, TagFacts | null>> {
    const tags = new Map<string, TagFacts | null>();
    for (const { name, oid, meaning } of found) {
      if (meaning.kind !== 'tag' || oid === null || !refs.has(name)) continue;
      tags.set(name, await this.tolerant(name, () => this.reader.readTag(git, repository, name, oid)));
    }
    return tags;
  }

  private addTags(
    { repository, refs }: Source,
    found: readonly PackageRef[],
    tags: ReadonlyMap<string, TagFacts | null>,
    trees: ReadonlyMap<string, IndexedTree>,
    changes: IndexChanges,
  ): void {
    const ignored = new Set<string>();
    const proposals = new Set<string>();
    for (const { name, oid, path, meaning } of found) {
      if (meaning.kind === 'deletionProposed') proposals.add(name);
      if (meaning.kind !== 'tag') continue;
      raise(changes.numbers, path, majorNumber(meaning.revision) ?? 0);
      const facts = tags.get(name);
      if (facts && trees.get(facts.tree)?.isPackage) {
        changes.tags.push(withUpstream(facts, trees));
        // Seen before its tag was, or while the tag said something else.
        const proposal = deletionProposedRef(meaning.directory, meaning.revision);
        if (refs.has(proposal)) proposals.add(proposal);
      } else {
        changes.goneTags.push({ path, revision: meaning.revision });
        if (oid !== null) ignored.add(name);
      }
    }
    for (const ref of changes.refs) if (ignored.has(ref.name)) ref.ignored = true;
    for (const ref of proposals) {
      const meaning = readRef(ref);
      const path = meaning?.directory == null ? null : pathBelowDirectory(repository.directory, meaning.directory);
      if (meaning?.kind !== 'deletionProposed' || path === null) continue;
      changes.deletionProposals.push({ path, revision: meaning.revision, ref, present: refs.has(ref) });
    }
  }

  /** Each draft that one of the refs is about, as its branch is now. */
  private async readDrafts(
    source: Source,
    found: readonly PackageRef[],
    head: string | null,
  ): Promise<IndexChanges['drafts']> {
    const drafts = new Map<string, PackageRef>();
    for (const ref of found) {
      if ('workspace' in ref.meaning) drafts.set(`${ref.meaning.directory}/${ref.meaning.workspace}`, ref);
    }
    const isOnRef = lazyHistory(source.git, head);
    const changes: IndexChanges['drafts'] = [];
    for (const { path, meaning } of drafts.values()) {
      if (!('workspace' in meaning)) continue;
      const { directory, workspace } = meaning;
      changes.push({ path, workspace, remote: await this.readDraft(source, directory, workspace, isOnRef) });
    }
    return changes;
  }

  /** The proposed branch goes first where both are there (a rename that was cut short), the other dialect's last. */
  private async readDraft(
    { git, repository, refs }: Source,
    directory: string,
    workspace: string,
    isOnRef: (commit: string) => Promise<boolean>,
  ): Promise<DraftFacts | null> {
    for (const name of draftRefs(directory, workspace)) {
      const oid = refs.get(name);
      if (oid === undefined) continue;
      const facts = await this.tolerant(name, async () => {
        const draft = await this.reader.readDraft(git, repository, name, oid);
        return draft && { ...draft, baseCommit: draft.baseCommit ?? (await findBase(git, draft.commit, isOnRef)) };
      });
      if (facts) return facts;
    }
    return null;
  }

  /** One bad ref harms only itself. */
  private async tolerant<T>(ref: string, read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      if (!isContentFault(error)) throw error;
      this.logger.warn(`${ref} cannot be read: ${error.message}`);
      return null;
    }
  }
}

/** OIDs that have to be in the mirror before {@link ChangeReader.read} can read these changes. */
export function neededObjects(
  repository: Repository,
  refs: ReadonlyMap<string, string>,
  changed: readonly ChangedRef[],
): string[] {
  const names = new Set([branchRef(repository.ref)]);
  for (const { name, meaning } of packageRefs(repository, changed)) {
    if (meaning.kind === 'tag') names.add(name);
    else if ('workspace' in meaning) draftRefs(meaning.directory, meaning.workspace).forEach((ref) => names.add(ref));
  }
  return [...new Set([...names].flatMap((name) => refs.get(name) ?? []))];
}

/** Those of the refs that may be about a package. */
function packageRefs(repository: Repository, changed: readonly ChangedRef[]): PackageRef[] {
  const found: PackageRef[] = [];
  for (const ref of changed) {
    const meaning = ref.name === branchRef(repository.ref) ? null : readRef(ref.name);
    if (meaning === null || meaning.directory === null) continue;
    const path = pathBelowDirectory(repository.directory, meaning.directory);
    if (path !== null) found.push({ ...ref, path, meaning: { ...meaning, directory: meaning.directory } });
  }
  return found;
}

const draftRefs = (directory: string, workspace: string): string[] => [
  proposedRef(directory, workspace),
  draftRef(directory, workspace),
  branchRef(`${directory}/${workspace}`),
];

function withUpstream<Facts extends TagFacts | DraftFacts>(
  facts: Facts,
  trees: ReadonlyMap<string, IndexedTree>,
): Facts {
  return { ...facts, upstream: facts.upstream ?? trees.get(facts.tree)?.upstream ?? null };
}

function raise(numbers: Map<string, number>, path: string, number: number): void {
  if (number > (numbers.get(path) ?? 0)) numbers.set(path, number);
}

/** Whether a commit is in the ref's history; the history is walked once, and only when someone asks. */
function lazyHistory(git: GitRepository, head: string | null): (commit: string) => Promise<boolean> {
  let history: Promise<Set<string>> | null = null;
  const walk = async (): Promise<Set<string>> => {
    const seen = new Set<string>();
    for await (const { oid } of newCommits(git, head, null)) seen.add(oid);
    return seen;
  };
  return async (commit) => (await (history ??= walk())).has(commit);
}
