import { Injectable } from '@nestjs/common';
import type { Visibility } from '../access/grants.js';
import { visibleSql } from '../access/visibility.sql.js';
import type { UnsupportedEntry } from '../content/content.js';
import type { Beside, PackageNow, SeenPublication } from '../domain/draft-base.js';
import { Database } from '../database/database.js';
import { Prisma, type Repository } from '../database/generated/client.js';
import { chosenRows, rowsOf } from '../database/list.sql.js';
import type { AuthorTie } from '../domain/release-policy.js';
import type { Part, Rows } from '../domain/list.js';
import type { OperationKind } from '../domain/operation.js';
import type { Upstream } from '../domain/revision.js';
import type { StoredUpstreamStatus } from '../domain/upstream-status.js';
import { versionKey } from '../domain/version.js';
import type { PlacedRevision, RevisionRow } from './revision-row.js';
import { placeConditions, type RevisionFilter, revisionConditions, takeParted } from './package-revision.filter.js';
import { orderOf } from './package-revision.order.js';
import { AUTHOR_TIES, FROM, listSql, PACKAGE_NOW, pastListSql, PUBLICATION, SELECT } from './package-revision.sql.js';
import { latestBySql } from './as-of.sql.js';
import { anyOf, isMadeFromRevision, partsMadeFrom, SUBPACKAGES } from './upstreams/upstream-status.sql.js';

/** A revision under its lock, and its operations that have not ended, the oldest first. */
export interface LockedRevision {
  row: RevisionRow;
  unfinished: { id: string; kind: OperationKind }[];
}

/** What revisions ask of the repository that they are in. */
type OwnerRow = Pick<Repository, 'url' | 'directory' | 'commit' | 'deployment' | 'policy'>;

/** A folder with an upstream of its own, and how that stands. */
export type SubpackageRow = Omit<Upstream, 'tree'> & { path: string; status: StoredUpstreamStatus | null };

/** As `GET …/{id}` shows it. */
export type RevisionDetailRow = RevisionRow & { unsupported: UnsupportedEntry[]; subpackages: SubpackageRow[] };

/** A revision as it was published at a moment; when and by whom it was deleted since. */
export type PastRevisionRow = RevisionRow & { latestThen: boolean; deletedAt: Date | null; deletedBy: string | null };

/** Of the rows of a list those that lie `within`, and of these the ones that `keep` gives back. */
export interface Choice {
  within: Visibility;
  keep: (rows: RevisionRow[]) => Promise<RevisionRow[]>;
}

/** A published version of a package. */
export interface Version {
  id: string;
  revision: string;
  tree: string;
  commit: string;
}

const VERSION = Prisma.sql`l.id, l.revision, l.tree, l.commit`;
const HIGHEST_FIRST = Prisma.sql`right(l.version_key, 1) = '~' DESC, l.version_key COLLATE "C" DESC`;

/** The states are written out, so that the index of open operations serves: a draft can have thousands of ended ones. */
const UNFINISHED = Prisma.sql`
  COALESCE((SELECT json_agg(json_build_object('id', o.id, 'kind', o.kind) ORDER BY o.id) FROM operation o
    WHERE o.revision_id = r.id AND o.state IN ('queued', 'running')), '[]') AS unfinished`;

/** Reads the rows of package revisions. Raw SQL where a list must be one index scan; rows only, no bodies. */
@Injectable()
export class PackageRevisionStore {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<RevisionRow | null> {
    const rows = await this.database.readByKey<RevisionRow>(Prisma.sql`${SELECT} ${FROM} WHERE r.id = ${id}::uuid`);
    return rows[0] ?? null;
  }

  /** Those of these ids that are there. */
  async findAll(ids: readonly string[]): Promise<RevisionRow[]> {
    return this.database.readByKey<RevisionRow>(Prisma.sql`${SELECT} ${FROM} WHERE r.id = ANY(${[...ids]}::uuid[])`);
  }

  /** The same by their ids, with the revisions that they were made from. */
  async findWithUpstreams(ids: readonly string[]): Promise<Map<string, PlacedRevision>> {
    const given = Prisma.sql`${[...ids]}::uuid[]`;
    const rows = await this.database.readByKey<PlacedRevision>(Prisma.sql`
      ${SELECT}, json_build_object('url', s.url, 'directory', s.directory) AS place
      ${FROM} JOIN repository s ON s.id = r.repository_id WHERE r.id = ANY(${given} ||
        ARRAY(SELECT m.upstream_revision_id FROM package_revision m WHERE m.id = ANY(${given})))`);
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Who the Git authors of these drafts and proposals are here, by the revision's id. */
  async authorTiesOf(ids: readonly string[]): Promise<Map<string, AuthorTie[]>> {
    const rows = await this.database.readByKey<{ id: string; authorTies: AuthorTie[] }>(Prisma.sql`
      SELECT r.id, ${AUTHOR_TIES} FROM package_revision r WHERE r.id = ANY(${[...ids]}::uuid[])`);
    return new Map(rows.map(({ id, authorTies }) => [id, authorTies]));
  }

  /** As {@link find}, with what is neither read nor followed in the tree. */
  async findDetail(id: string): Promise<RevisionDetailRow | null> {
    const rows = await this.database.readByKey<RevisionDetailRow>(Prisma.sql`
      ${SELECT}, COALESCE(t.unsupported, '[]') AS unsupported, ${SUBPACKAGES} AS subpackages ${FROM} WHERE r.id = ${id}::uuid`);
    return rows[0] ?? null;
  }

  /** `choice`: which of the rows that match stay, where a filter asks for more than SQL can tell. */
  async list(
    filter: RevisionFilter,
    visible: Visibility,
    part: Part,
    choice?: Choice,
  ): Promise<Rows<RevisionRow | PastRevisionRow>> {
    const seen = [visible, choice?.within ?? 'all'].flatMap((visibility) => visibleSql(visibility, 'r') ?? []);
    const { parts, others: whole } = takeParted(filter, visible);
    const order = { ...orderOf(whole, part.sort), parts };
    const { asOf, latest, ...others } = order.others;
    const shared = (given: RevisionFilter) => [...revisionConditions(given, visible), ...seen];
    const read = async (wanted: Part): Promise<RevisionRow[]> => {
      if (asOf === undefined)
        return this.database.read<RevisionRow>(listSql({ ...order, conditions: shared(order.others) }, wanted));
      const gone = [...placeConditions(others), ...[visibleSql(visible, 'd') ?? []].flat()];
      const past = { at: asOf, latest, gone };
      const rows = await this.database.read<PastRevisionRow>(
        pastListSql(past, { ...order, conditions: shared(others) }, wanted),
      );
      return latest === undefined
        ? this.judgePast(rows, asOf)
        : rows.map((row) => Object.assign(row, { latestThen: latest }));
    };
    const { sort } = order;
    return choice ? chosenRows(sort, part, read, choice.keep) : rowsOf(sort, await read(part), part);
  }

  /** Says of rows of the past which were the latest of then. */
  private async judgePast(rows: PastRevisionRow[], at: Date): Promise<PastRevisionRow[]> {
    const packages = [...new Map(rows.map((row) => [row.repositoryId + row.path, row])).values()];
    const top = latestBySql(Prisma.sql`k.repository_id`, Prisma.sql`k.path`, at);
    const found = await this.database.read<{ id: string }>(Prisma.sql`
      SELECT m.id FROM unnest(${packages.map(({ repositoryId }) => repositoryId)}::uuid[], ${packages.map(({ path }) => path)}::text[])
        AS k(repository_id, path) CROSS JOIN LATERAL (${top}) m`);
    const latest = new Set(found.map(({ id }) => id));
    return rows.map((row) => Object.assign(row, { latestThen: latest.has(row.id) }));
  }

  /**
   * Locks the row until the transaction ends and returns it. `'gone'`: it was there when asked for, and whoever held
   * the lock has deleted it; null: it was not there at all.
   */
  async lock(id: string, mode: 'update' | 'share' = 'update'): Promise<LockedRevision | 'gone' | null> {
    const strength = mode === 'update' ? Prisma.sql`FOR UPDATE` : Prisma.sql`FOR SHARE`;
    // The outer row is from before the wait for the lock, the inner one from after it.
    const rows = await this.database.readByKey<{ locked: string | null }>(Prisma.sql`
      SELECT (SELECT l.id FROM package_revision l WHERE l.id = r.id ${strength}) AS locked
      FROM package_revision r WHERE r.id = ${id}::uuid`);
    if (!rows[0]) return null;
    if (rows[0].locked === null) return 'gone';
    // A statement of its own: one sees what was there when it began, and this has to see what the wait was for.
    const [found] = await this.database.readByKey<RevisionRow & Pick<LockedRevision, 'unfinished'>>(
      Prisma.sql`${SELECT}, ${UNFINISHED} ${FROM} WHERE r.id = ${id}::uuid`,
    );
    if (!found) throw new Error(`Package revision ${id} is missing under its lock`);
    const { unfinished, ...row } = found;
    return { row, unfinished };
  }

  /** What is there of a package now. */
  async packageNow(packageId: string): Promise<PackageNow> {
    const [row] = await this.database.readByKey<{ now: PackageNow }>(Prisma.sql`
      SELECT ${PACKAGE_NOW} AS now FROM package p JOIN repository s ON s.id = p.repository_id
      WHERE p.id = ${packageId}::uuid`);
    if (!row) throw new Error(`Package ${packageId} is missing`);
    return row.now;
  }

  /** The published revision at a tag and commit: of several (a repository can be registered twice) one at that URL. */
  async publishedAt(url: string, tag: string, commit: string): Promise<RevisionRow | null> {
    const [found] = await this.database.readByKey<RevisionRow>(Prisma.sql`
      ${SELECT} ${FROM} JOIN repository s ON s.id = r.repository_id
      WHERE r.tag = ${tag} AND r.commit = ${commit} AND r.lifecycle IN ('published', 'deletionProposed')
      ORDER BY s.url = ${url} DESC, r.id LIMIT 1`);
    return found ?? null;
  }

  /** The highest version of each of these packages; those that have none are left out. */
  async latestOf(packageIds: readonly string[]): Promise<Map<string, Version>> {
    if (packageIds.length === 0) return new Map();
    const rows = await this.database.readByKey<Version & { packageId: string }>(Prisma.sql`
      SELECT l.package_id AS "packageId", ${VERSION} FROM package_revision l
      WHERE l.package_id = ANY(${[...packageIds]}::uuid[]) AND l.latest`);
    return new Map(rows.map(({ packageId, ...version }) => [packageId, version]));
  }

  /** The highest version of the package but for these (a pre-release only where there is no release); null where no other is published. */
  async latestBut(packageId: string, ids: readonly string[]): Promise<Version | null> {
    const [version] = await this.database.readByKey<Version>(Prisma.sql`
      SELECT ${VERSION} FROM package_revision l
      WHERE l.package_id = ${packageId}::uuid AND l.lifecycle IN ('published', 'deletionProposed')
      AND l.version_key IS NOT NULL AND l.id <> ALL(${[...ids]}::uuid[])
      ORDER BY ${HIGHEST_FIRST} LIMIT 1`);
    return version ?? null;
  }

  /** What stands beside each of these revisions, by their ids: what the ref holds of its package, and its other publications. */
  async beside(ids: readonly string[]): Promise<Map<string, Beside>> {
    const rows = await this.database.readByKey<Beside & { id: string }>(Prisma.sql`
      SELECT r.id, p.head_tree AS "headTree", ARRAY(
        SELECT DISTINCT l.tree FROM package_revision l
        WHERE l.package_id = r.package_id AND l.lifecycle IN ('published', 'deletionProposed') AND l.id <> r.id
      ) AS stays, (
        SELECT l.tree FROM package_revision l
        WHERE l.package_id = r.package_id AND l.lifecycle IN ('published', 'deletionProposed') AND l.id <> r.id
        AND l.version_key IS NOT NULL ORDER BY ${HIGHEST_FIRST} LIMIT 1
      ) AS "latestTree"
      FROM package_revision r JOIN package p ON p.id = r.package_id WHERE r.id = ANY(${[...ids]}::uuid[])`);
    return new Map(rows.map(({ id, ...beside }) => [id, beside]));
  }

  /** Versions of the package above `revision` (null: all), the highest first. */
  async publishedSince(packageId: string, revision: string | null, limit: number): Promise<SeenPublication[]> {
    const above = revision === null ? null : versionKey(revision);
    const rows = await this.database.readByKey<{ publication: SeenPublication }>(Prisma.sql`
      SELECT json_build_object(${PUBLICATION}) AS publication FROM package_revision l
      WHERE l.package_id = ${packageId}::uuid AND l.lifecycle IN ('published', 'deletionProposed')
      AND l.version_key COLLATE "C" > ${above ?? ''}
      ORDER BY l.version_key COLLATE "C" DESC LIMIT ${limit}`);
    return rows.map(({ publication }) => publication);
  }

  /** Revisions that were cloned from this one. */
  async clonesOf(id: string, limit: number): Promise<Pick<RevisionRow, 'name' | 'repositoryId' | 'path'>[]> {
    return this.database.readByKey(Prisma.sql`
      SELECT r.name, r.repository_id AS "repositoryId", r.path FROM package_revision r
      WHERE ${anyOf(isMadeFromRevision(Prisma.sql`${id}::uuid`))} ORDER BY r.id LIMIT ${limit}`);
  }

  /** The folders of a revision that were made from a package, outer ones before inner ones; null: the revision itself. */
  async partsMadeFrom(id: string, packageId: string): Promise<(string | null)[]> {
    const rows = await this.database.readByKey<{ path: string | null }>(partsMadeFrom(id, packageId));
    return rows.map(({ path }) => path);
  }

  async repositoryOf({ repositoryId: id }: Pick<RevisionRow, 'repositoryId'>): Promise<OwnerRow> {
    const [repository] = await this.database.readByKey<OwnerRow>(Prisma.sql`
      SELECT url, directory, commit, deployment, policy FROM repository WHERE id = ${id}::uuid`);
    if (!repository) throw new Error(`Repository ${id} is missing`);
    return repository;
  }

  /** The row as the change around this call has left it. */
  async reread(id: string): Promise<RevisionRow> {
    const row = await this.find(id);
    if (!row) throw new Error(`Package revision ${id} is missing right after it was written`);
    return row;
  }
}
