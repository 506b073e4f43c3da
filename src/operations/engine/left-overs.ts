import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { stated } from '../../domain/condition.js';
import { pathBelowDirectory } from '../../domain/identity.js';
import { readRef, shortRef } from '../../domain/ref-layout.js';
import type { Condition } from '../../domain/revision.js';
import { GitError, type RefChange } from '../../git/port.js';
import { DriftLog } from '../../revisions/drift/drift-log.js';
import type { FoundDrift } from '../../revisions/drift/found-drift.js';
import { seenCommit } from '../sync/commit-record.js';
import { SyncStore } from '../sync/sync.store.js';
import type { RepositoryVisit } from '../visit/repository-visit.js';
import type { LeftOver } from './left-over.js';
import { Pushes } from './pushes.js';

/** Seconds until it is tried again whether the remote deletes them now. */
const PATIENCE_SECONDS = 3_600;
const CONDITION = 'BranchesLeftOver';
/** Names that a condition lists. */
const LISTED = 5;

/** The branches that a remote has refused to delete: remembered, shown on the repository, and tried again now and then. */
@Injectable()
export class LeftOvers {
  constructor(
    private readonly database: Database,
    private readonly sync: SyncStore,
    private readonly pushes: Pushes,
    private readonly drift: DriftLog,
  ) {}

  /** Runs inside the transaction that closes the push. */
  async note(visit: RepositoryVisit, leftOver: readonly LeftOver[]): Promise<void> {
    const { id: repositoryId } = visit.repository;
    const kept = await this.database.client.$queryRaw<{ name: string; oid: string }[]>`
      UPDATE remote_ref SET left_over = l.reason
      FROM unnest(${leftOver.map(({ ref }) => ref)}::text[], ${leftOver.map(({ reason }) => reason)}::text[]) AS l(name, reason)
      WHERE repository_id = ${repositoryId}::uuid AND remote_ref.name = l.name RETURNING remote_ref.name, oid`;
    await this.drift.found(await Promise.all(kept.map(({ name, oid }) => keptBranch(visit, name, oid))));
    await this.database.client.$executeRaw`
      UPDATE repository_polling SET tidy_at = now() + make_interval(secs => ${PATIENCE_SECONDS})
      WHERE repository_id = ${repositoryId}::uuid`;
    await this.tell(repositoryId);
  }

  /** Whether the branch is where it was left over. */
  async holds(repositoryId: string, name: string, oid: string): Promise<boolean> {
    const where = { repositoryId, name, oid, leftOver: { not: null } };
    return (await this.database.client.remoteRef.count({ where })) > 0;
  }

  /** Tries once more to delete what is left over, if it is time, or asked for. What somebody has moved since is nobody's rest. */
  async tidy(visit: RepositoryVisit, isAsked: boolean): Promise<void> {
    const { id, conditions } = visit.repository;
    if (!(conditions as unknown as Condition[]).some(({ type }) => type === CONDITION)) return;
    const rows = await this.database.client.$queryRaw<{ name: string; oid: string }[]>`
      SELECT r.name, r.oid FROM remote_ref r JOIN repository_polling p ON p.repository_id = r.repository_id
      WHERE r.repository_id = ${id}::uuid AND (${isAsked} OR p.tidy_at <= now()) AND r.left_over IS NOT NULL AND r.oid <> ''`;
    if (rows.length === 0) return this.tell(id);
    const changes = rows.map(({ name, oid }): RefChange => ({ ref: name, expected: oid, next: null }));
    const leftOver = await this.pushes.push(visit, changes, []).catch((error: unknown) => {
      // Whatever went wrong, it is no fault of what this visit has done, and there is time.
      if (!(error instanceof GitError)) throw error;
      return rows.map(({ name }) => ({ ref: name, reason: error.message.slice(0, 200) }));
    });
    const kept = new Set(leftOver.map(({ ref }) => ref));
    await this.database.transaction(async () => {
      await visit.assertHeld();
      const gone = rows.filter(({ name }) => !kept.has(name)).map(({ name }) => ({ name, oid: null, ignored: false }));
      await this.sync.saveRefs(id, gone);
      if (gone.length > 0) await this.sync.savePolling(id, { refsDigest: null, nextSyncAt: visit.nextSyncAt() });
      await this.note(visit, leftOver);
    });
  }

  /** Says on the repository what is left over. */
  private async tell(repositoryId: string): Promise<void> {
    const where = { repositoryId, leftOver: { not: null } };
    const count = await this.database.client.remoteRef.count({ where });
    const rows = await this.database.client.remoteRef.findMany({ where, orderBy: { name: 'asc' }, take: LISTED });
    const [first] = rows;
    if (first === undefined) return this.sync.removeCondition(repositoryId, CONDITION);
    const names = rows.map(({ name }) => shortRef(name)).join(', ');
    const message =
      `The remote does not delete ${count} branches that are not needed any more (${first.leftOver}): ` +
      `${names}${count > rows.length ? ', …' : ''}.`;
    await this.sync.setCondition(repositoryId, stated(CONDITION, 'DeletionRefused', message));
  }
}

async function keptBranch({ git, repository }: RepositoryVisit, ref: string, oid: string): Promise<FoundDrift> {
  const directory = readRef(ref)?.directory ?? null;
  const path = directory === null ? null : pathBelowDirectory(repository.directory, directory);
  // The mirror has what this service has pushed, and what it was to build on.
  const seen = (await git.has(oid)) ? seenCommit(await git.readCommit(oid)) : { commit: oid };
  return { kind: 'leftoverBranch', repositoryId: repository.id, path, ref, revisionId: null, git: seen, held: {} };
}
