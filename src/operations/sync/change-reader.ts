import { Injectable, Logger } from '@nestjs/common';
import type { Repository } from '../../database/generated/client.js';
import { pathBelowDirectory } from '../../domain/identity.js';
import { TAGS, branchRef, deletionProposedRef, readRef } from '../../domain/ref-layout.js';
import { majorNumber, raise } from '../../domain/version.js';
import { concurrently } from '../../async/concurrently.js';
import type { GitRepository } from '../../git/port.js';
import { type ChangedRef, type PackageRef, draftRefs, packageRefs } from './changed-refs.js';
import { readRecord } from './commit-record.js';
import { isOnDraftLine } from './draft-line.js';
import { isContentFault } from './content-fault.js';
import type { DraftFacts, TagFacts } from '../../revisions/git-facts.js';
import type { IndexChanges } from './index-changes.js';
import { type IndexedTree, PackageReader } from './package-reader.js';
import { lazyHistory } from './ref-history.js';
import { RefReader, findBase } from './ref-reader.js';

/** Refs that the reader asks the mirror for at a time, so that the mirror never waits for the next question. */
const REFS_AT_ONCE = 64;

/** One sync's view of the remote. */
export class SyncSource {
  /** Says whether the history of the repository's ref holds a commit. */
  readonly isOnRef: (commit: string) => Promise<boolean>;
  /** The commit that the repository's ref is at. */
  readonly head: string | null;

  constructor(
    readonly git: GitRepository,
    readonly repository: Repository,
    /** The remote's refs, but for those whose objects it cannot send. */
    readonly refs: ReadonlyMap<string, string>,
  ) {
    this.head = refs.get(branchRef(repository.ref)) ?? null;
    this.isOnRef = lazyHistory(git, this.head);
  }
}

/** Reads from Git what changed refs mean. It stores content at once, which no reader sees before its rows are written. */
@Injectable()
export class ChangeReader {
  private readonly logger = new Logger(ChangeReader.name);

  constructor(
    private readonly reader: RefReader,
    private readonly packages: PackageReader,
  ) {}

  async read(source: SyncSource, changed: readonly ChangedRef[]): Promise<IndexChanges> {
    const found = packageRefs(source.repository, changed);
    const tags = await this.readTags(source, found);
    const drafts = await this.readDrafts(source, found);
    const tagged = [...tags.values()].filter((tag) => tag !== null);
    const trees = await this.packages.read(
      source.git,
      new Map([
        ...tagged.map(({ tree }) => [tree, 'package'] as const),
        ...tagged.flatMap(({ tree, isRecorded }) => (isRecorded ? [[tree, 'any'] as const] : [])),
        ...drafts.flatMap(({ remote }) =>
          [remote?.tree, remote?.baseTree].flatMap((tree) => (tree ? [[tree, 'any'] as const] : [])),
        ),
      ]),
    );
    const changes: IndexChanges = {
      tags: [],
      goneTags: [],
      drafts: drafts.map((draft) => ({ ...draft, remote: draft.remote && withUpstream(draft.remote, trees) })),
      deletionProposals: [],
      heads: [],
      numbers: new Map(),
      refs: changed.map(({ name, oid }) => ({
        name,
        oid,
        ignored: name.startsWith(TAGS) && !name.slice(TAGS.length).includes('/'),
      })),
    };
    addTags(source, found, tags, trees, changes);
    return changes;
  }

  private async readTags(
    { git, repository, refs }: SyncSource,
    found: readonly PackageRef[],
  ): Promise<Map<string, TagFacts | null>> {
    const present = found.filter(({ name, oid, meaning }) => meaning.kind === 'tag' && oid !== null && refs.has(name));
    const facts = await concurrently(present, REFS_AT_ONCE, async ({ name, oid }) =>
      this.tolerant(name, () => this.reader.readTag(git, repository, name, oid ?? '')),
    );
    return new Map(present.map(({ name }, index) => [name, facts[index] ?? null]));
  }

  /** Reads the present branch of every draft that one of the refs names. */
  private async readDrafts(source: SyncSource, found: readonly PackageRef[]): Promise<IndexChanges['drafts']> {
    const drafts = new Map<string, PackageRef>();
    for (const ref of found) {
      if ('workspace' in ref.meaning) drafts.set(`${ref.meaning.directory}/${ref.meaning.workspace}`, ref);
    }
    const changes = await concurrently([...drafts.values()], REFS_AT_ONCE, async ({ path, meaning }) => {
      if (!('workspace' in meaning)) return [];
      const { directory, workspace } = meaning;
      return [{ path, workspace, remote: await this.readDraft(source, directory, workspace) }];
    });
    return changes.flat();
  }

  private async readDraft(
    { git, repository, refs, isOnRef }: SyncSource,
    directory: string,
    workspace: string,
  ): Promise<DraftFacts | null> {
    for (const name of await byWeight(git, refs, draftRefs(directory, workspace))) {
      const oid = refs.get(name);
      if (oid === undefined) continue;
      const facts = await this.tolerant(name, async () => {
        const draft = await this.reader.readDraft(git, repository, name, oid, isOnRef);
        if (draft === null) return null;
        const baseCommit = draft.baseCommit ?? (await findBase(git, draft.commit, isOnRef));
        const known = baseCommit !== null && (await git.has(baseCommit));
        return { ...draft, baseCommit, baseTree: known ? await git.treeAt(baseCommit, directory) : null };
      });
      if (facts) return facts;
    }
    return null;
  }

  /** Reads one ref; a fault of its content is logged and leaves the other refs alone. */
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

/**
 * The names that are there, the one that counts first: that of a proposal before its draft's. A branch that another one goes
 * on from counts after it: a remote may have refused to delete it when the draft was renamed. So does a proposal that is only
 * a copy of our draft's commit, made by hand, beside which the draft's branch was changed.
 */
async function byWeight(
  git: GitRepository,
  refs: ReadonlyMap<string, string>,
  names: readonly string[],
): Promise<readonly string[]> {
  const present = names.filter((name) => refs.has(name));
  const [first, second] = present.map((name) => refs.get(name) ?? '');
  if (first === undefined || second === undefined || first === second || present.length > 2) return present;
  const goesOn = (tip: string, from: string) => isOnDraftLine(git, { commit: tip, base: null }, from);
  const isCopy = async () => {
    const { operationId, isProposal: isOwn } = readRecord((await git.readCommit(first)).message);
    return operationId !== null && !isOwn && !(await goesOn(first, second));
  };
  const isProposal = readRef(present[0] ?? '')?.kind === 'proposed';
  try {
    const isBehind = (await goesOn(second, first)) || (isProposal && (await isCopy()));
    return isBehind ? present.toReversed() : present;
  } catch (error) {
    if (isContentFault(error)) return present;
    throw error;
  }
}

function addTags(
  { repository, refs }: SyncSource,
  found: readonly PackageRef[],
  tags: ReadonlyMap<string, TagFacts | null>,
  trees: ReadonlyMap<string, IndexedTree>,
  changes: IndexChanges,
): void {
  const ignored = new Set<string>();
  const proposals = new Set<string>();
  for (const { name, oid, path, meaning } of found) {
    if (meaning.kind === 'deletionProposed') proposals.add(name);
    // A deletion that is still proposed when its tag has gone holds the number, too: a new revision must not be born with it.
    if ('revision' in meaning) raise(changes.numbers, path, majorNumber(meaning.revision) ?? 0n);
    if (meaning.kind !== 'tag') continue;
    const facts = tags.get(name);
    const tree = facts && trees.get(facts.tree);
    if (tree && (tree.isPackage || facts.isRecorded)) {
      changes.tags.push(withUpstream(facts, trees));
      // The branch was read before its tag came, or while the tag pointed elsewhere.
      const proposal = deletionProposedRef(meaning.directory, meaning.revision);
      if (refs.has(proposal)) proposals.add(proposal);
    } else {
      const { directory, revision } = meaning;
      changes.goneTags.push({ path, directory, revision, isThere: oid !== null, byOthers: true });
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

function withUpstream<Facts extends TagFacts | DraftFacts>(
  facts: Facts,
  trees: ReadonlyMap<string, IndexedTree>,
): Facts {
  return { ...facts, upstream: facts.upstream ?? trees.get(facts.tree)?.upstream ?? null };
}
