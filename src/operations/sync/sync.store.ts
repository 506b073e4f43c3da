import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Repository } from '../../database/generated/client.js';
import type { Stated } from '../../domain/condition.js';
import { hasNewRule } from '../../domain/discovery.js';
import type { Condition } from '../../domain/revision.js';
import type { NewEvent } from '../../events/event-data.js';
import { EventLog } from '../../events/event-log.js';
import { DriftLog } from '../../revisions/drift/drift-log.js';
import type { IndexChanges } from './index-changes.js';

/** A published revision by what its tag says. */
export interface NamedRevision {
  path: string;
  revision: string;
  /** It goes because others have taken its tag away: what was published here stays. */
  byOthers?: boolean;
}

/** No path begins with it: the last character there is. */
const LAST = '\u{10ffff}';

/** The statements of a sync over refs and the repository's own row. */
@Injectable()
export class SyncStore {
  constructor(
    private readonly database: Database,
    private readonly events: EventLog,
    private readonly drift: DriftLog,
  ) {}

  async knownRefs(repositoryId: string): Promise<Map<string, string>> {
    const rows = await this.database.client.remoteRef.findMany({
      where: { repositoryId },
      select: { name: true, oid: true },
    });
    return new Map(rows.map((row) => [row.name, row.oid]));
  }

  async headPaths(repositoryId: string): Promise<string[]> {
    const where = { repositoryId, headTree: { not: null } };
    const rows = await this.database.client.package.findMany({ where, select: { path: true } });
    return rows.map((row) => row.path);
  }

  /**
   * Paths of packages that have a published revision, but for those of `gone`: of these paths, and of those that lie
   * below a directory.
   */
  async namedPaths(
    repositoryId: string,
    { at, below, gone = [] }: { at: readonly string[]; below: readonly string[]; gone?: readonly NamedRevision[] },
  ): Promise<string[]> {
    if (at.length === 0 && below.length === 0) return [];
    // Each directory is one range of the index of paths: `0` is what follows `/`. All are below the repository's own.
    const ends = below.map((path) => (path === '' ? { first: '', end: LAST } : { first: `${path}/`, end: `${path}0` }));
    const rows = await this.database.client.$queryRaw<{ path: string }[]>`
      WITH found AS (
        SELECT p.id, p.path FROM package p WHERE p.repository_id = ${repositoryId}::uuid AND p.path = ANY(${[...at]}::text[])
        UNION
        SELECT p.id, p.path
        FROM unnest(${ends.map(({ first }) => first)}::text[], ${ends.map(({ end }) => end)}::text[]) d(first, "end")
        CROSS JOIN LATERAL (
          SELECT p.id, p.path FROM package p WHERE p.repository_id = ${repositoryId}::uuid
          AND p.path ~>=~ d.first AND p.path ~<~ d."end"
        ) p
      )
      SELECT f.path FROM found f WHERE EXISTS (
        SELECT 1 FROM package_revision r WHERE r.package_id = f.id AND r.lifecycle IN ('published', 'deletionProposed')
        AND NOT EXISTS (
          SELECT 1 FROM unnest(${gone.map(({ path }) => path)}::text[], ${gone.map(({ revision }) => revision)}::text[],
            ${gone.map(({ byOthers }) => byOthers ?? false)}::boolean[]) g(path, revision, by_others)
          WHERE g.path = f.path AND g.revision = r.revision AND (r.external OR NOT g.by_others)))`;
    return rows.map(({ path }) => path);
  }

  async knownDigest(repositoryId: string): Promise<string | null> {
    const row = await this.database.client.repositoryPolling.findUnique({ where: { repositoryId } });
    return row?.refsDigest ?? null;
  }

  /** Whether the repository was never read to the end. */
  async isFirstReading(repositoryId: string): Promise<boolean> {
    const row = await this.database.client.repositoryPolling.findUnique({ where: { repositoryId } });
    return row?.lastSyncedAt == null;
  }

  /** What the repository has; of its published revisions, how many others have published. */
  async countFound(
    repositoryId: string,
  ): Promise<{ packages: number; revisions: number; published: number; external: number }> {
    const [counts] = await this.database.client.$queryRaw<
      { packages: number; revisions: number; published: number; external: number }[]
    >`
      SELECT (SELECT count(*)::int FROM package WHERE repository_id = ${repositoryId}::uuid) AS packages,
        count(*)::int AS revisions, count(*) FILTER (WHERE is_published)::int AS published,
        count(*) FILTER (WHERE is_published AND external)::int AS external
      FROM (
        SELECT external, lifecycle IN ('published', 'deletionProposed') AS is_published FROM package_revision
        WHERE repository_id = ${repositoryId}::uuid
      ) r`;
    if (!counts) throw new Error('Counts without a row');
    return counts;
  }

  async saveRefs(repositoryId: string, refs: IndexChanges['refs']): Promise<void> {
    const gone = refs.filter((ref) => ref.oid === null).map((ref) => ref.name);
    const present = refs.filter((ref) => ref.oid !== null);
    if (gone.length > 0) {
      await this.database.client.remoteRef.deleteMany({ where: { repositoryId, name: { in: gone } } });
      await this.drift.over(gone.map((key) => ({ repositoryId, key })));
    }
    if (present.length === 0) return;
    await this.database.client.$executeRaw`
      INSERT INTO remote_ref (repository_id, name, oid, ignored)
      SELECT ${repositoryId}::uuid, r.name, r.oid, r.ignored
      FROM unnest(${present.map((ref) => ref.name)}::text[], ${present.map((ref) => ref.oid)}::text[],
        ${present.map((ref) => ref.ignored)}::boolean[]) AS r(name, oid, ignored)
      ON CONFLICT (repository_id, name) DO UPDATE SET oid = excluded.oid, ignored = excluded.ignored,
        left_over = CASE WHEN remote_ref.oid = excluded.oid THEN remote_ref.left_over END`;
  }

  /**
   * Clears the stored commit of these refs and makes a sync due: it reads them again, and a ref that was deleted meanwhile
   * still counts as a change. Returns whether any of them was known.
   */
  async forgetRefs(repositoryId: string, names: readonly string[]): Promise<boolean> {
    if (names.length === 0) return false;
    const { count } = await this.database.client.remoteRef.updateMany({
      where: { repositoryId, name: { in: [...names] } },
      data: { oid: '' },
    });
    if (count > 0) await this.savePolling(repositoryId, { refsDigest: null, nextSyncAt: new Date() });
    return count > 0;
  }

  /** Stores what the sync found on the repository's row, and writes nothing when that is there already. */
  async saveRepository(repository: Repository, commit: string | null, condition: Stated): Promise<void> {
    const ignoredTags = await this.database.client.remoteRef.count({
      where: { repositoryId: repository.id, ignored: true },
    });
    await this.saveCondition(repository, condition);
    const isSame = commit === repository.commit && ignoredTags === repository.ignoredTags;
    if (isSame && !hasNewRule(repository)) return;
    await this.database.client.repository.updateMany({
      where: { id: repository.id },
      data: { commit, ignoredTags, headsBy: repository.discovery ?? {} },
    });
  }

  /** Stores a condition of the repository, and writes nothing when that is there already. */
  async saveCondition(repository: Repository, condition: Stated): Promise<void> {
    if (transition(conditionsOf(repository), condition) !== null) await this.setCondition(repository.id, condition);
  }

  /** Takes a condition away, of this reason if one is given, and writes nothing where the repository has no such. */
  async dropCondition(
    repository: Pick<Repository, 'id' | 'conditions'>,
    type: Stated['type'],
    reason?: string,
  ): Promise<void> {
    if (conditionsOf(repository).some(isOf(type, reason))) await this.removeCondition(repository.id, type, reason);
  }

  /** As {@link dropCondition}, for conditions that may have changed since the visit began. */
  async retractCondition(id: string, type: Stated['type'], reason: string): Promise<void> {
    const row = await this.database.client.repository.findUnique({ where: { id }, select: { conditions: true } });
    if (row) await this.dropCondition({ id, ...row }, type, reason);
  }

  /** Stores a condition among the others that the repository has by now. */
  async setCondition(repositoryId: string, condition: Stated): Promise<void> {
    await this.changeConditions(repositoryId, (present) => transition(present, condition));
  }

  /** Takes a condition away that says nothing any more. */
  async removeCondition(repositoryId: string, type: Stated['type'], reason?: string): Promise<void> {
    const isGone = isOf(type, reason);
    await this.changeConditions(repositoryId, (present) => present.filter((condition) => !isGone(condition)));
  }

  private async changeConditions(
    repositoryId: string,
    change: (present: readonly Condition[]) => Condition[] | null,
  ): Promise<void> {
    await this.database.transaction(async () => {
      await this.database.client.$queryRaw`SELECT 1 FROM repository WHERE id = ${repositoryId}::uuid FOR UPDATE`;
      const row = await this.database.client.repository.findUnique({ where: { id: repositoryId } });
      const conditions = row && change(conditionsOf(row));
      if (row === null || conditions === null) return;
      await this.database.client.repository.updateMany({ where: { id: repositoryId }, data: { conditions } });
      await this.events.record(healthEvents(row, conditions));
    });
  }

  /** Whether the repository has packages, but for those of these paths that have no revision. */
  async hasPackagesBeside(repositoryId: string, paths: readonly string[]): Promise<boolean> {
    const isLeft = { OR: [{ path: { notIn: [...paths] } }, { revisions: { some: {} } }] };
    const found = await this.database.client.package.findFirst({
      where: { repositoryId, ...isLeft },
      select: { id: true },
    });
    return found !== null;
  }

  /** Notes that the remote answered. A `refsDigest` of null says that the index does not hold all of its refs yet. */
  async savePolling(
    repositoryId: string,
    data: { refsDigest?: string | null; lastSyncedAt?: Date; nextSyncAt: Date; historyDue?: boolean },
  ): Promise<void> {
    await this.database.client.repositoryPolling.updateMany({
      where: { repositoryId },
      data: { ...data, failures: 0, blockedUntil: null },
    });
  }
}

const conditionsOf = ({ conditions }: Pick<Repository, 'conditions'>) => conditions as unknown as Condition[];

const isOf = (type: string, reason?: string) => (condition: Condition) =>
  condition.type === type && (reason === undefined || condition.reason === reason);

/** Returns the conditions with `next` among them, or null when they say the same already. */
function transition(conditions: readonly Condition[], next: Stated): Condition[] | null {
  const present = conditions.find((condition) => condition.type === next.type);
  if (present?.status === next.status && present.reason === next.reason && present.message === next.message)
    return null;
  const lastTransitionTime = present?.status === next.status ? present.lastTransitionTime : new Date().toISOString();
  return [...conditions.filter((condition) => condition.type !== next.type), { ...next, lastTransitionTime }];
}

/** Whether the repository can be read, where that is told otherwise than before; a first reading that went well is told by what it found. */
function healthEvents(before: Pick<Repository, 'id' | 'name' | 'conditions'>, after: readonly Condition[]): NewEvent[] {
  const isReady = ({ type }: Condition) => type === 'Ready';
  const [was, now] = [conditionsOf(before).find(isReady), after.find(isReady)];
  if (!now || (was?.status === now.status && was.reason === now.reason)) return [];
  const { id, name } = before;
  const told = { repositoryId: id, path: null, facts: { id, name, condition: now } };
  if (now.status === 'False') return [{ type: 'repository.failed', ...told }];
  return was?.status === 'False' && now.status === 'True' ? [{ type: 'repository.recovered', ...told }] : [];
}

/** One value for all refs, which changes when any ref does. */
export function refsDigest(refs: ReadonlyMap<string, string>): string {
  let lines = '';
  for (const name of [...refs.keys()].sort()) lines += `${refs.get(name)} ${name}\n`;
  return createHash('sha256').update(lines).digest('hex');
}
