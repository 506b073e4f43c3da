import { Injectable } from '@nestjs/common';
import { selectFields, toColumns } from '../../database/columns.js';
import { Database } from '../../database/database.js';
import { type Drift, Prisma } from '../../database/generated/client.js';
import type { DriftResolution } from '../../domain/drift.js';
import type { PackagePlace } from '../../domain/identity.js';
import { uuidv7 } from '../../domain/uuid.js';
import { driftKey, type FoundDrift } from './found-drift.js';

/** A row that a statement has written. `told`: it is not of a repository's first reading, which is told as a whole. `refCommit`: what the ref is at. */
export type WrittenDrift = Drift & { told: boolean; refCommit: string | null };

/** A thing that drift can be about, whatever of it was found. */
export interface DriftSubject {
  repositoryId: string;
  key: string;
}

const IN_GIT = ['git_commit', 'git_tree', 'git_author', 'git_committer', 'git_committed_at'];
const HELD = ['held_commit', 'held_tree', 'held_revision', 'held_workspace', 'held_upstream'];
const FOUND = ['id', 'repository_id', 'key', 'kind', 'path', 'ref', 'revision_id', ...IN_GIT, ...HELD];

const fields = Object.values(Prisma.DriftScalarFieldEnum);
const WRITTEN = Prisma.sql`${selectFields(fields, 'd')}, (
  SELECT q.last_synced_at IS NOT NULL FROM repository_polling q WHERE q.repository_id = d.repository_id) AS told, (
  SELECT s.commit FROM repository s WHERE s.id = d.repository_id) AS "refCommit"`;

/** What was found anew takes the place of what was; what was held at the beginning of it stays. */
const UPSERT = Prisma.raw(`
  ON CONFLICT (repository_id, key) WHERE state <> 'resolved' DO UPDATE SET
    ${[...IN_GIT, 'kind', 'path', 'ref', 'revision_id'].map((column) => `${column} = excluded.${column}`).join(', ')},
    ${HELD.map((column) => `${column} = CASE WHEN d.kind = excluded.kind THEN d.${column} ELSE excluded.${column} END`).join(', ')},
    state = 'open', updated_at = now(), acknowledged_by = NULL, acknowledged_at = NULL, reason = NULL, version = d.version + 1
  WHERE (d.kind, d.git_commit, d.git_tree) IS DISTINCT FROM (excluded.kind, excluded.git_commit, excluded.git_tree)`);

const isPublished = Prisma.sql`lifecycle IN ('published', 'deletionProposed')`;

/**
 * Whether the head of a package `p` is what nobody has published: it equals no publication; or there is none, although the
 * service has published the package there, and all that is published is a head by the repository's rule. Before the ref was read
 * to its end nobody knows.
 */
const HEAD_DIFFERS = Prisma.sql`(p.head_state = 'differs' OR (
  p.head_state = 'absent'
  AND EXISTS (SELECT 1 FROM package_revision r WHERE r.package_id = p.id AND r.${isPublished} AND NOT r.external)
  AND EXISTS (SELECT 1 FROM repository o WHERE o.id = p.repository_id AND o.commit IS NOT NULL AND COALESCE(o.discovery ->> 'mode', 'kptfile') = 'kptfile')))`;

/** Why a drift `d` of a package `p` is over; null where it is not. */
const RESOLUTION = Prisma.sql`CASE
  WHEN EXISTS (SELECT 1 FROM package_revision r WHERE r.id = d.draft_id AND r.${isPublished}) THEN d.draft_resolves
  WHEN d.kind = 'headDiffers' AND ${HEAD_DIFFERS} IS NOT TRUE THEN 'gone'
  WHEN d.kind IN ('tagAdded', 'tagMoved', 'tagDeleted') AND d.revision_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM package_revision r WHERE r.id = d.revision_id) THEN 'gone'
  WHEN d.kind = 'branchPushed'
    AND NOT EXISTS (SELECT 1 FROM package_revision r WHERE r.id = d.revision_id AND NOT r.${isPublished}) THEN 'gone'
  WHEN d.kind = 'branchDeleted'
    AND EXISTS (SELECT 1 FROM package_revision r WHERE r.package_id = p.id AND r.workspace = d.held_workspace) THEN 'gone'
  END`;

/** The statements that write what is known of drift. They run inside the transaction of the change, the packages locked. */
@Injectable()
export class DriftStore {
  constructor(private readonly database: Database) {}

  /** Of these packages those with drift, or with what may be some; and those that these subjects lie on. */
  async concerned(places: readonly PackagePlace[], subjects: readonly DriftSubject[]): Promise<PackagePlace[]> {
    if (places.length + subjects.length === 0) return [];
    return this.database.readByKey<PackagePlace>(Prisma.sql`
      SELECT k.repository_id AS "repositoryId", k.path FROM ${placesSql(places)} CROSS JOIN LATERAL (
        (SELECT 1 FROM package p WHERE p.repository_id = k.repository_id AND p.path = k.path
          AND (p.drift_state <> 'none' OR ${HEAD_DIFFERS}) LIMIT 1)
        UNION ALL
        (SELECT 1 FROM drift d WHERE d.repository_id = k.repository_id AND d.path = k.path AND d.state <> 'resolved' LIMIT 1)
      ) x
      UNION SELECT d.repository_id, d.path FROM ${subjectsSql(subjects)}
      JOIN drift d ON d.repository_id = s.repository_id AND d.key = s.key AND d.state <> 'resolved' AND d.path IS NOT NULL`);
  }

  /** Locks the packages before what is known of them, in one order: so does whoever acts on drift. */
  async lockPackages(places: readonly PackagePlace[]): Promise<void> {
    await this.database.write(Prisma.sql`
      SELECT 1 FROM package p JOIN ${placesSql(places)} ON p.repository_id = k.repository_id AND p.path = k.path
      ORDER BY p.id FOR UPDATE OF p`);
  }

  /** Writes down what was not known; gives what is new of it. Of a repository's first reading only what is so still. */
  async add(found: readonly FoundDrift[]): Promise<WrittenDrift[]> {
    if (found.length === 0) return [];
    const rows = [...new Map(found.map((one) => [`${one.repositoryId} ${driftKey(one)}`, rowOf(one)])).values()];
    return this.database.client.$queryRaw<WrittenDrift[]>`
      INSERT INTO drift AS d (${Prisma.raw(FOUND.join(', '))}, state, found_at, updated_at)
      SELECT ${Prisma.raw(FOUND.map((column) => `f.${column}`).join(', '))}, 'open', now(), now()
      FROM json_populate_recordset(NULL::drift, ${JSON.stringify(rows)}::json) f
      JOIN repository_polling q ON q.repository_id = f.repository_id AND q.last_synced_at IS NOT NULL
      ${UPSERT} RETURNING ${WRITTEN}`;
  }

  /** The same of heads, which packages tell by themselves. */
  async addHeads(places: readonly PackagePlace[]): Promise<WrittenDrift[]> {
    return this.database.client.$queryRaw<WrittenDrift[]>`
      INSERT INTO drift AS d (id, repository_id, key, kind, path, ref, git_tree, held_commit, held_tree, held_revision, held_workspace,
        held_upstream, state, found_at, updated_at)
      SELECT k.id, k.repository_id, 'head ' || k.path, 'headDiffers', k.path, 'refs/heads/' || s.ref, p.head_tree,
        l.commit, l.tree, l.revision, l.workspace, l.upstream, 'open', now(), now()
      FROM ${placesSql(places)}
      JOIN package p ON p.repository_id = k.repository_id AND p.path = k.path AND ${HEAD_DIFFERS}
      JOIN repository s ON s.id = k.repository_id
      LEFT JOIN package_revision l ON l.package_id = p.id AND l.latest
      ${UPSERT} RETURNING ${WRITTEN}`;
  }

  /** Resolves what is over of these packages. */
  async resolve(places: readonly PackagePlace[]): Promise<WrittenDrift[]> {
    return this.database.client.$queryRaw<WrittenDrift[]>`
      UPDATE drift d SET state = 'resolved', resolution = x.resolution, resolved_at = now(), updated_at = now(), version = d.version + 1
      FROM (
        SELECT d.id, ${RESOLUTION} AS resolution FROM ${placesSql(places)}
        JOIN drift d ON d.repository_id = k.repository_id AND d.path = k.path AND d.state <> 'resolved'
        LEFT JOIN package p ON p.repository_id = k.repository_id AND p.path = k.path
      ) x WHERE d.id = x.id AND x.resolution IS NOT NULL RETURNING ${WRITTEN}`;
  }

  /** Resolves what is unresolved of these things, in the one way. */
  async end(subjects: readonly DriftSubject[], resolution: DriftResolution): Promise<WrittenDrift[]> {
    if (subjects.length === 0) return [];
    return this.database.client.$queryRaw<WrittenDrift[]>`
      UPDATE drift d SET state = 'resolved', resolution = ${resolution}, resolved_at = now(), updated_at = now(), version = d.version + 1
      FROM ${subjectsSql(subjects)}
      WHERE d.repository_id = s.repository_id AND d.key = s.key AND d.state <> 'resolved' RETURNING ${WRITTEN}`;
  }

  /** The commit that the service held, where the history of the repository's ref is told to have lost it. */
  async lostCommit(repositoryId: string): Promise<string | null> {
    const where = { repositoryId, kind: 'historyRewritten', state: { not: 'resolved' } } as const;
    return (await this.database.client.drift.findFirst({ where, select: { heldCommit: true } }))?.heldCommit ?? null;
  }

  /** What somebody does about one that the caller holds locked. */
  async update(id: string, columns: Prisma.DriftUncheckedUpdateInput): Promise<Drift> {
    const data = { ...columns, updatedAt: new Date(), version: { increment: 1 } };
    return this.database.client.drift.update({ where: { id }, data });
  }

  /** A draft that was deleted resolves nothing any more; the packages say how it stands with them. */
  async settle(places: readonly PackagePlace[]): Promise<void> {
    await this.database.client.$executeRaw`
      UPDATE drift d SET draft_id = NULL, draft_resolves = NULL, updated_at = now(), version = d.version + 1
      FROM ${placesSql(places)} WHERE d.repository_id = k.repository_id AND d.path = k.path AND d.state <> 'resolved'
      AND d.draft_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM package_revision r WHERE r.id = d.draft_id)`;
    await this.database.client.$executeRaw`
      UPDATE package p SET drift_state = x.state
      FROM (
        SELECT k.repository_id, k.path, (CASE WHEN bool_or(d.state = 'open') THEN 'open'
          WHEN count(d.id) > 0 THEN 'acknowledged' ELSE 'none' END)::"PackageDrift" AS state
        FROM ${placesSql(places)}
        LEFT JOIN drift d ON d.repository_id = k.repository_id AND d.path = k.path AND d.state <> 'resolved'
        GROUP BY k.repository_id, k.path
      ) x WHERE p.repository_id = x.repository_id AND p.path = x.path AND p.drift_state <> x.state`;
  }
}

/** A row `k` for each of these places, with an id for what may be found there. */
const placesSql = (places: readonly PackagePlace[]): Prisma.Sql => Prisma.sql`unnest(
  ${places.map(() => uuidv7())}::uuid[], ${places.map(({ repositoryId }) => repositoryId)}::uuid[],
  ${places.map(({ path }) => path)}::text[]) AS k(id, repository_id, path)`;

const subjectsSql = (subjects: readonly DriftSubject[]): Prisma.Sql => Prisma.sql`unnest(
  ${subjects.map(({ repositoryId }) => repositoryId)}::uuid[], ${subjects.map(({ key }) => key)}::text[]) AS s(repository_id, key)`;

function rowOf(found: FoundDrift): Record<string, unknown> {
  const { kind, repositoryId, path, ref, revisionId, git, held } = found;
  const inGit = { gitCommit: git.commit ?? null, gitTree: git.tree ?? null, gitAuthor: git.author ?? null };
  return toColumns({
    ...{ id: uuidv7(), key: driftKey(found), kind, repositoryId, path, ref, revisionId },
    ...{ ...inGit, gitCommitter: git.committer ?? null, gitCommittedAt: git.committedAt ?? null },
    ...{ heldCommit: held.commit ?? null, heldTree: held.tree ?? null, heldRevision: held.revision ?? null },
    ...{ heldWorkspace: held.workspace ?? null, heldUpstream: held.upstream ?? null },
  });
}
