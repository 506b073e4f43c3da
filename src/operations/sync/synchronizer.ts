import { Injectable, Logger } from '@nestjs/common';
import { ahead } from '../../async/ahead.js';
import { Database } from '../../database/database.js';
import { type Stated, stated } from '../../domain/condition.js';
import { discoveryOf, hasNewRule } from '../../domain/discovery.js';
import { raise } from '../../domain/version.js';
import { branchRef } from '../../domain/ref-layout.js';
import type { Repository } from '../../database/generated/client.js';
import { GitError, type GitRepository } from '../../git/port.js';
import type { RepositoryVisit } from '../visit/repository-visit.js';
import { ExternalPublications } from './external-publications.js';
import { ChangeReader, SyncSource } from './change-reader.js';
import { type ChangedRef, changedRefs, neededObjects, sliceByPackage } from './changed-refs.js';
import { HeadReader } from './head-reader.js';
import type { IndexChanges } from './index-changes.js';
import { IndexWriter } from './index-writer.js';
import { assertRefExists } from '../../remotes/ref-exists.js';
import { SyncStore, refsDigest } from './sync.store.js';

/** At most so many commits are named to the remote as known, which is enough for it to send only new objects. */
const MAX_HAVES = 256;
const MAX_REF_BYTES = 1024;
/** More refs than this that cannot be fetched are a fault of the remote, not of single refs. */
const MAX_FAILURES = 64;
/** Changed refs that one slice reads and writes in one transaction: it bounds memory and the time that others wait. */
const SLICE = 500;
/** Slices that are read while one is being written: reading waits for Git, for PostgreSQL and for the YAML in turn. */
const READ_AHEAD = 2;

/** The first segments of the branches that hold drafts and proposals. */
const DRAFT_FOLDERS = ['drafts', 'proposed', 'deletionProposed'] as const;

const READY = stated('Ready', 'Synced', 'The index holds what the remote holds.');

export interface SyncOptions {
  /** Milliseconds since the epoch after which no further slice is begun. Default: never. */
  until?: number;
  /** Is told, before each slice of a sync that has several, how many of the changed refs are in the index. */
  onProgress?: (done: number, total: number) => Promise<void>;
}

/** Brings the index up to date with the remote's refs. Without a change it neither fetches nor writes. */
@Injectable()
export class Synchronizer {
  private readonly logger = new Logger(Synchronizer.name);

  constructor(
    private readonly database: Database,
    private readonly reader: ChangeReader,
    private readonly heads: HeadReader,
    private readonly writer: IndexWriter,
    private readonly store: SyncStore,
    private readonly external: ExternalPublications,
  ) {}

  /**
   * Returns the visit with the head that the index holds then; null when time was up: what was written stays, and the
   * next sync goes on from there.
   */
  async sync(
    visit: RepositoryVisit,
    listed: ReadonlyMap<string, string>,
    options: SyncOptions = {},
  ): Promise<RepositoryVisit | null> {
    const { repository } = visit;
    assertRefExists(repository.ref, listed);
    await this.tellOfBranchInTheWay(repository, listed);
    const digest = refsDigest(listed);
    if (digest === (await this.store.knownDigest(repository.id)) && !hasNewRule(repository)) {
      await this.store.saveCondition(repository, READY);
      return visit;
    }
    const refs = storableRefs(listed);
    const known = await this.store.knownRefs(repository.id);
    const changed = changedRefs(known, refs);
    const slices = sliceByPackage(repository, changed, SLICE);
    if (slices.length > 1) await options.onProgress?.(0, changed.length);
    const lost = await this.fetch(visit, refs, changed, known);
    const readable = new Map([...refs].filter(([, oid]) => !lost.has(oid)));
    const source = new SyncSource(visit.git, repository, readable);
    const complete = await this.writeSlices(visit, source, slices.length > 0 ? slices : [[]], digest, options);
    if (complete === null) return null;
    const moved = visit.withHead(source.head);
    return complete ? moved : this.sync(moved, listed, options);
  }

  /** `drafts` and `drafts/a/w` cannot both be branches. */
  private async tellOfBranchInTheWay(repository: Repository, listed: ReadonlyMap<string, string>): Promise<void> {
    const names = DRAFT_FOLDERS.filter((name) => listed.has(branchRef(name)));
    if (names.length > 0) {
      const list = names.map((name) => `"${name}"`).join(' and ');
      const message = `The remote has a branch ${list}, so that Git can hold no branch below it, and drafts cannot be pushed. Rename it.`;
      await this.store.saveCondition(repository, stated('DraftsWritable', 'BranchInTheWay', message));
    } else await this.store.dropCondition(repository, 'DraftsWritable', 'BranchInTheWay');
  }

  /** Reads the next slices while one is being written. Returns as {@link writeLast}; null when time was up before it. */
  private async writeSlices(
    visit: RepositoryVisit,
    source: SyncSource,
    slices: readonly (readonly ChangedRef[])[],
    digest: string,
    { until = Infinity, onProgress }: SyncOptions,
  ): Promise<boolean | null> {
    const total = slices.reduce((sum, slice) => sum + slice.length, 0);
    let [done, complete] = [0, true];
    const read = (slice: readonly ChangedRef[]) => this.reader.read(source, slice);
    for await (const { item, result: changes, isLast } of ahead(slices, READ_AHEAD, read)) {
      if (isLast) return this.writeLast(visit, source, changes, complete ? digest : null);
      await this.heads.addTagged(visit.git, visit.repository, changes);
      if (!(await this.write(visit, changes))) complete = false;
      done += item.length;
      await onProgress?.(done, total);
      if (Date.now() > until) break;
    }
    return null;
  }

  /** Returns whether the index holds all of the slice afterwards. */
  private async write(visit: RepositoryVisit, changes: IndexChanges): Promise<boolean> {
    return this.database.transaction(async () => {
      await visit.assertHeld();
      return this.writer.write(visit.repository, changes);
    });
  }

  /** Writes the last slice with the ref's heads and notes that the index is complete, unless `digest` is null. */
  private async writeLast(
    visit: RepositoryVisit,
    source: SyncSource,
    changes: IndexChanges,
    digest: string | null,
  ): Promise<boolean> {
    const { repository, git } = visit;
    if (source.head === repository.commit && !hasNewRule(repository))
      await this.heads.addTagged(git, repository, changes);
    else {
      const tags = { named: changes.tags, gone: changes.goneTags };
      const { heads, numbers } = await this.heads.read(git, repository, source.head, tags);
      changes.heads = heads;
      for (const [path, number] of numbers) raise(changes.numbers, path, number);
    }
    const missing = await this.missing(visit, source.head, changes);
    return this.database.transaction(async () => {
      const complete = (await this.write(visit, changes)) && digest !== null;
      await this.store.saveRepository(repository, source.head, READY);
      if (missing === null) await this.store.dropCondition(repository, 'PackagesFound');
      else await this.store.saveCondition(repository, missing);
      if (complete) await this.external.recordFirst(repository);
      const refsDigest = complete ? digest : null;
      await this.store.savePolling(repository.id, { refsDigest, nextSyncAt: visit.nextSyncAt(), historyDue: true });
      return complete;
    });
  }

  /** What to tell of a repository without any package; null where there is one, or nothing that could be one. */
  private async missing(
    { repository, git }: RepositoryVisit,
    head: string | null,
    { heads, tags, drafts }: IndexChanges,
  ): Promise<Stated | null> {
    const isFound =
      [...heads, ...tags].some(({ tree }) => tree !== null) || drafts.some(({ remote }) => remote !== null);
    const gone = heads.map(({ path }) => path);
    if (head === null || isFound || (await this.store.hasPackagesBeside(repository.id, gone))) return null;
    const count = await this.heads.countKrm(git, repository, head);
    if (count === 0) return null;
    const { mode } = discoveryOf(repository);
    const held = `${count} ${count === 1 ? 'directory holds' : 'directories hold'} Kubernetes objects`;
    return mode === 'kptfile'
      ? stated(
          'PackagesFound',
          'NoKptfile',
          `No directory counts as a package: none that counts holds a Kptfile, and no tag names one. ${held}; set \`discovery.mode\` to \`krm\` to take the topmost of these for packages.`,
        )
      : stated(
          'PackagesFound',
          'NothingMatches',
          `No directory counts as a package, though ${held}; change \`discovery.include\`, \`discovery.exclude\` or \`git.directory\`.`,
        );
  }

  /** Fetches what the changes need into the mirror; returns the objects that the remote cannot send. */
  private async fetch(
    { git, repository, signal }: RepositoryVisit,
    refs: ReadonlyMap<string, string>,
    changed: readonly ChangedRef[],
    known: ReadonlyMap<string, string>,
  ): Promise<Set<string>> {
    const main = branchRef(repository.ref);
    const haves = await heldTips(git, known, main);
    const lost = new Set<string>();
    const parts = [neededObjects(repository, refs, changed)];
    for (let failures = 0, part = parts.pop(); part !== undefined; part = parts.pop()) {
      try {
        await git.fetch(part, haves, signal);
      } catch (error) {
        if (!(error instanceof GitError) || error.code !== 'protocol' || (failures += 1) > MAX_FAILURES) throw error;
        const [only] = part;
        if (part.length === 1 && only !== undefined) {
          if (only === refs.get(main)) throw error;
          this.logger.warn({ message: `${only} is not fetched: ${error.message}`, repositoryId: repository.id });
          lost.add(only);
        } else parts.push(part.slice(0, part.length / 2), part.slice(part.length / 2));
      }
    }
    return lost;
  }
}

/** Picks known tips that the mirror holds: the ref first, then branches, whose histories reach what the tags hold. */
async function heldTips(git: GitRepository, known: ReadonlyMap<string, string>, main: string): Promise<string[]> {
  const others = [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, oid]) => oid);
  const held: string[] = [];
  for (const oid of new Set([known.get(main) ?? '', ...others])) {
    if (held.length >= MAX_HAVES) break;
    if (oid !== '' && (await git.has(oid))) held.push(oid);
  }
  return held;
}

/** Leaves out names that no index can hold: no ref of a package has one. */
function storableRefs(refs: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...refs].filter(([name]) => Buffer.byteLength(name) <= MAX_REF_BYTES && !name.includes('\0')));
}
