import { Injectable, Logger } from '@nestjs/common';
import { concurrently } from '../../async/concurrently.js';
import { Database } from '../../database/database.js';
import type { RefHistory } from '../../database/generated/client.js';
import { batchesOf } from '../../domain/batches.js';
import { pathBelowDirectory } from '../../domain/identity.js';
import { storableText } from '../../domain/storable-text.js';
import { type GitCommit, GitError } from '../../git/port.js';
import type { RepositoryVisit } from '../visit/repository-visit.js';
import { nameOf, signatureDate } from './commit-record.js';
import { changedDirectories } from './directory-changes.js';
import { HistoryStore, type RecordedCommits } from './history.store.js';
import { PackageReader } from './package-reader.js';
import { RewrittenHistory } from './rewritten-history.js';

/** Commits that are compared and written together, in one transaction. */
const BATCH = 500;
/** Comparisons at a time, so that the mirror never waits for the next question. */
const AT_ONCE = 64;
/** A ref that has gone further than this from what is recorded is recorded anew, from its head down. */
const MOST_NEW = 20_000;
/** Commits of a package whose contents are kept, the newest: who set a field is told by them. */
const MOST_KEPT = 500;
const TREES_AT_ONCE = 2_000;
const TREES_PER_TURN = 125;
const MOST_SUBJECT = 300;

/** What one transaction writes: commits, and how far the record is with them. */
interface Piece {
  recorded: RecordedCommits;
  progress: RefHistory;
}

/** A commit and its place on the ref's line of first parents: the newer, the higher. */
interface Placed {
  commit: GitCommit;
  position: number;
}

/**
 * Records which directories each commit on the ref's line of first parents has changed. What is recorded is one piece of that
 * line without a gap: `tip` is its newest commit, `next` the first that is older than all of it. New commits are added at
 * the one end, older ones at the other, step by step, also those from before this was recorded at all.
 */
@Injectable()
export class HistoryRecorder {
  private readonly logger = new Logger(HistoryRecorder.name);

  constructor(
    private readonly database: Database,
    private readonly store: HistoryStore,
    private readonly packages: PackageReader,
    private readonly rewritten: RewrittenHistory,
  ) {}

  /** Adds the commits that came to the ref, and marks those that it holds no longer. */
  async follow(visit: RepositoryVisit): Promise<void> {
    const { id: repositoryId, commit: head } = visit.repository;
    if (head === null) return;
    const known = await this.store.progress(repositoryId);
    if (known?.tip === head) return;
    await this.tolerant(visit, async () => {
      await visit.ensure([head]);
      const found = known && (await this.newCommits(visit, known, head));
      const isElsewhere = known !== null && found?.above !== known.tipPosition;
      const note = await this.rewritten.look(visit, head, isElsewhere ? known.tip : null);
      if (known === null || found === null) return this.begin(visit, known, head, note);
      const { line, above } = found;
      const isRewritten = above < known.tipPosition;
      // Where the new line leaves the one that is recorded; from there on it is recorded as any.
      const tip = line.at(-1)?.parents[0] ?? head;
      let progress: RefHistory = { ...known, rewritten: known.rewritten || isRewritten, tip, tipPosition: above };
      if (isRewritten || note) {
        await this.inTurn(visit, async () => {
          if (isRewritten) await this.store.lose(repositoryId, above);
          await note?.();
          await this.store.save(progress);
        });
      }
      const paths = await this.store.paths(repositoryId);
      // The oldest first, so that there is no gap wherever this stops.
      const placed = line.toReversed().map((commit, index): Placed => ({ commit, position: above + 1 + index }));
      for (let from = 0; from < placed.length; from += BATCH) {
        const batch = placed.slice(from, from + BATCH);
        const last = batch.at(-1);
        if (last) progress = { ...progress, tip: last.commit.oid, tipPosition: last.position };
        await this.write(visit, { recorded: await this.read(visit, batch, paths), progress });
      }
    });
  }

  /** Adds older commits, batch by batch, while `goesOn` says so; returns whether there are more. */
  async catchUp(visit: RepositoryVisit, goesOn: () => Promise<boolean>): Promise<boolean> {
    const known = await this.store.progress(visit.repository.id);
    if (known === null || known.next === null) return false;
    return this.tolerant(visit, async () => {
      await visit.ensure([known.next]);
      const paths = await this.store.paths(visit.repository.id);
      let piece = await this.readOlder(visit, known, paths);
      for (;;) {
        // The next piece is read while this one is written.
        const ahead = piece.progress.next === null ? null : this.readOlder(visit, piece.progress, paths);
        const [written, next] = await Promise.allSettled([this.write(visit, piece), ahead]);
        if (written.status === 'rejected') throw written.reason;
        if (next.status === 'rejected') throw next.reason;
        if (next.value === null) return false;
        if (visit.signal.aborted || !(await goesOn())) return true;
        piece = next.value;
      }
    });
  }

  /** Keeps what the commits have made of the packages, while `goesOn` says so; returns whether there is more. */
  async keepContents(visit: RepositoryVisit, goesOn: () => Promise<boolean>): Promise<boolean> {
    const { id, commit } = visit.repository;
    if (commit === null) return false;
    return this.tolerant(visit, async () => {
      await visit.ensure([commit]);
      for (let after = ''; ;) {
        const trees = await this.store.treesToKeep(id, MOST_KEPT, after, TREES_AT_ONCE);
        for (const some of batchesOf(trees, TREES_PER_TURN)) {
          await this.packages.keep(visit.git, some);
          if (visit.signal.aborted || !(await goesOn())) return true;
        }
        const last = trees.at(-1);
        if (last === undefined) return false;
        after = last;
      }
    });
  }

  private async readOlder(visit: RepositoryVisit, known: RefHistory, paths: ReadonlySet<string>): Promise<Piece> {
    const batch: Placed[] = [];
    let { next, nextPosition } = known;
    while (next !== null && batch.length < BATCH) {
      const commit: GitCommit = await visit.git.readCommit(next);
      batch.push({ commit, position: nextPosition });
      next = commit.parents[0] ?? null;
      nextPosition -= 1;
    }
    return { recorded: await this.read(visit, batch, paths), progress: { ...known, next, nextPosition } };
  }

  /**
   * The commits that the ref has beyond what is recorded, newest first, and the place above which they stand: lower than that of
   * the tip where the ref was rewritten. Null where the two do not meet.
   */
  private async newCommits(
    { git, repository }: RepositoryVisit,
    known: RefHistory,
    head: string,
  ): Promise<{ line: GitCommit[]; above: number } | null> {
    const line: GitCommit[] = [];
    let looked = 0;
    for (let oid: string | null = head; oid !== null && line.length < MOST_NEW;) {
      if (oid === known.tip) return { line, above: known.tipPosition };
      const commit: GitCommit = await git.readCommit(oid);
      line.push(commit);
      oid = commit.parents[0] ?? null;
      if (oid !== null && line.length % BATCH > 0) continue;
      const positions = await this.store.positions(
        repository.id,
        line.slice(looked).map((found) => found.oid),
      );
      const at = line.findIndex((found) => positions.has(found.oid));
      if (at >= 0) return { line: line.slice(0, at), above: positions.get(line[at]?.oid ?? '') ?? 0 };
      looked = line.length;
    }
    return null;
  }

  /** Begins at the head; what was recorded of another line is lost. */
  private async begin(
    visit: RepositoryVisit,
    known: RefHistory | null,
    head: string,
    note: (() => Promise<void>) | null,
  ): Promise<void> {
    const { id: repositoryId } = visit.repository;
    const position = known === null ? 0 : known.tipPosition + 1;
    await this.inTurn(visit, async () => {
      if (known !== null) await this.store.lose(repositoryId, -(2 ** 31));
      await note?.();
      await this.store.save({
        repositoryId,
        ...{ tip: head, tipPosition: position, next: head, nextPosition: position, rewritten: known !== null },
      });
    });
  }

  private async read(
    { git, repository: { id: repositoryId, directory } }: RepositoryVisit,
    batch: readonly Placed[],
    paths: ReadonlySet<string>,
  ): Promise<RecordedCommits> {
    const isKnown = (found: string) => paths.has(pathBelowDirectory(directory, found) ?? '');
    const treeOf = (commit: GitCommit) => (directory === '' ? commit.tree : git.treeAt(commit.tree, directory));
    const changes = await concurrently(batch, AT_ONCE, async ({ commit }) => {
      const [parent] = commit.parents;
      const before = parent === undefined ? null : await treeOf(await git.readCommit(parent));
      return changedDirectories(git, { before, after: await treeOf(commit) }, directory, isKnown);
    });
    const recorded: RecordedCommits = { commits: [], changes: [] };
    for (const [index, { commit, position }] of batch.entries()) {
      const { oid, author, committer, message } = commit;
      const committedAt = signatureDate(committer);
      const names = { author: nameOf(author), committer: nameOf(committer), subject: subjectOf(message) };
      recorded.commits.push({ repositoryId, oid, position, ...names, lostAt: null });
      for (const { directory: changed, before, after } of changes[index] ?? []) {
        const path = pathBelowDirectory(directory, changed);
        if (path === null) continue;
        recorded.changes.push({ repositoryId, oid, path, position, committedAt, treeBefore: before, treeAfter: after });
      }
    }
    return recorded;
  }

  private write(visit: RepositoryVisit, { recorded, progress }: Piece): Promise<void> {
    return this.inTurn(visit, async () => {
      await this.store.add(visit.repository.id, recorded, progress.rewritten);
      await this.store.save(progress);
    });
  }

  private inTurn(visit: RepositoryVisit, write: () => Promise<void>): Promise<void> {
    return this.database.transaction(async () => {
      await visit.assertHeld();
      await write();
    });
  }

  /** What Git cannot tell stays unrecorded, and is asked for again at the next visit: nobody else suffers. */
  private async tolerant<T>(visit: RepositoryVisit, work: () => Promise<T>): Promise<T | false> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      const message = `The history of the ref is not recorded further: ${error.message}`;
      this.logger.warn({ message, repositoryId: visit.repository.id });
      return false;
    }
  }
}

const subjectOf = (message: string): string =>
  storableText(message.trimStart().split('\n', 1)[0] ?? '').slice(0, MOST_SUBJECT);
