import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { DomainError } from '../../domain/errors.js';
import { branchRef, readRef } from '../../domain/ref-layout.js';
import type { GitRepository } from '../../git/port.js';
import type { RepositoryVisit } from '../engine/repository-visit.js';
import { type ChangedRef, ChangeReader } from './change-reader.js';
import { IndexWriter } from './index-writer.js';
import { SyncStore, refsDigest } from './sync.store.js';

/** At most so many commits are named to the remote as known; enough for it to send only what is new. */
const MAX_HAVES = 256;

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

  async sync(visit: RepositoryVisit, refs: ReadonlyMap<string, string>): Promise<void> {
    const { repository, git } = visit;
    assertRefExists(repository.ref, refs);
    const digest = refsDigest(refs);
    if (digest === (await this.store.knownDigest(repository.id))) {
      await this.store.saveRepository(repository, repository.commit, READY);
      return;
    }
    const known = await this.store.knownRefs(repository.id);
    const changed = changedRefs(known, refs);
    await fetchChanges(git, changed, known, visit.signal);
    const changes = await this.reader.read(git, repository, refs, changed);
    await this.database.transaction(async () => {
      await visit.assertHeld();
      await this.writer.write(repository, changes);
      await this.store.saveRepository(repository, changes.commit, READY);
      await this.store.savePolling(repository.id, { refsDigest: digest, nextSyncAt: visit.nextSyncAt(), failures: 0 });
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
  changed: readonly ChangedRef[],
  known: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const wants = new Set<string>();
  for (const ref of changed) if (ref.oid !== null && readRef(ref.name) !== null) wants.add(ref.oid);
  if (wants.size === 0) return;
  const haves: string[] = [];
  // Branches first: their histories reach most of what the tags hold.
  for (const [name, oid] of [...known].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (haves.length >= MAX_HAVES) break;
    if (await git.has(oid)) haves.push(oid);
  }
  await git.fetch([...wants], haves, signal);
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
