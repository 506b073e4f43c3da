import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { DomainError } from '../../domain/errors.js';
import { branchRef, readRef } from '../../domain/ref-layout.js';
import type { GitRepository } from '../../git/port.js';
import type { RepositoryVisit } from '../engine/repository-visit.js';
import { type ChangedRef, ChangeReader, neededObjects } from './change-reader.js';
import { IndexWriter } from './index-writer.js';
import { SyncStore, refsDigest } from './sync.store.js';

/** At most so many commits are named to the remote as known; enough for it to send only what is new. */
const MAX_HAVES = 256;
const MAX_REF_BYTES = 1024;

const READY = { type: 'Ready', status: 'True', reason: 'Synced', message: 'The index holds what the remote holds.' } as const;

/** Brings the index up to date with the remote's refs. Nothing changed → no fetch and no write to the index. */
@Injectable()
export class Synchronizer {
  constructor(
    private readonly database: Database,
    private readonly reader: ChangeReader,
    private readonly writer: IndexWriter,
    private readonly store: SyncStore,
  ) {}

  async sync(visit: RepositoryVisit, listed: ReadonlyMap<string, string>): Promise<void> {
    const { repository, git } = visit;
    assertRefExists(repository.ref, listed);
    const digest = refsDigest(listed);
    if (digest === (await this.store.knownDigest(repository.id))) {
      await this.store.saveRepository(repository, repository.commit, READY);
      return;
    }
    const refs = storableRefs(listed);
    const known = await this.store.knownRefs(repository.id);
    const changed = changedRefs(known, refs);
    await fetchChanges(git, neededObjects(repository, refs, changed), branchRef(repository.ref), known, visit.signal);
    const changes = await this.reader.read(git, repository, refs, changed);
    await this.database.transaction(async () => {
      await visit.assertHeld();
      await this.writer.write(repository, changes);
      await this.store.saveRepository(repository, changes.commit, READY);
      await this.store.savePolling(repository.id, { refsDigest: digest, nextSyncAt: visit.nextSyncAt() });
      visit.repository = { ...repository, commit: changes.commit };
    });
  }
}

export function changedRefs(known: ReadonlyMap<string, string>, refs: ReadonlyMap<string, string>): ChangedRef[] {
  const changed: ChangedRef[] = [];
  for (const [name, oid] of refs) if (known.get(name) !== oid) changed.push({ name, oid });
  for (const name of known.keys()) if (!refs.has(name)) changed.push({ name, oid: null });
  return changed;
}

async function fetchChanges(
  git: GitRepository,
  wants: readonly string[],
  mainRef: string,
  known: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  if (wants.length === 0) return;
  const haves: string[] = [];
  // The ref first, then branches: their histories reach most of what the tags hold.
  const main = known.get(mainRef);
  const others = [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, oid]) => oid);
  for (const oid of new Set(main === undefined ? others : [main, ...others])) {
    if (haves.length >= MAX_HAVES) break;
    if (await git.has(oid)) haves.push(oid);
  }
  await git.fetch(wants, haves, signal);
}

/** Without names that no index can hold; no ref of a package has one. */
function storableRefs(refs: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...refs].filter(([name]) => Buffer.byteLength(name) <= MAX_REF_BYTES && !name.includes('\0')));
}

/** An empty remote is fine (the first publication makes the ref), also while it holds nothing but drafts of ours. */
function assertRefExists(ref: string, refs: ReadonlyMap<string, string>): void {
  if (refs.has(branchRef(ref))) return;
  for (const name of refs.keys()) {
    const kind = readRef(name)?.kind;
    if (kind === 'drafts' || kind === 'proposed' || kind === 'deletionProposed') continue;
    throw new DomainError('remoteRefNotFound', `The repository has no branch "${ref}".`);
  }
}
