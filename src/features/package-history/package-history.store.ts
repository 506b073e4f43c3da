import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import type { PackagePlace } from '../../domain/identity.js';
import type { Part, Rows } from '../../domain/list.js';
import { type HistoryEvent, type HistoryRow, HISTORY_SORTS } from './package-history.filter.js';

/** What people do with drafts and publications, by the endpoints of the audit log. */
const ACTS: Readonly<Record<string, HistoryEvent>> = {
  createPackageRevision: 'drafted',
  deletePackageRevision: 'draftDeleted',
  proposePackageRevision: 'proposed',
  rejectPackageRevision: 'rejected',
  withdrawPackageRevision: 'withdrawn',
  approvePackageRevision: 'approved',
  withdrawPackageRevisionApproval: 'approvalWithdrawn',
  proposePackageRevisionDeletion: 'deletionProposed',
  rejectPackageRevisionDeletion: 'deletionRejected',
};

type Columns = Partial<Record<keyof HistoryRow, Prisma.Sql>>;

/** Every column of an entry, each with its type; null where `given` has none. */
function entrySql(given: Columns): Prisma.Sql {
  const column = (name: keyof HistoryRow, type: string, value = given[name] ?? Prisma.sql`NULL`) =>
    Prisma.sql`(${value})::${Prisma.raw(type)} AS ${Prisma.raw(`"${name}"`)}`;
  const texts = (['place', 'event', 'by', 'comment', 'revision', 'oid', 'author', 'committer', 'subject'] as const).map(
    (name) => column(name, 'text'),
  );
  return Prisma.join([
    ...[
      column('time', 'timestamptz'),
      column('second', 'timestamptz', given.second ?? secondOf(given.time)),
      ...texts,
      column('revisionId', 'uuid'),
      column('lostAt', 'timestamptz'),
    ],
    ...[column('treeBefore', 'text'), column('tree', 'text')],
    column('approvedBy', 'text[]', given.approvedBy ?? Prisma.sql`'{}'`),
    ...[column('upstream', 'jsonb'), column('upstreamRevisionId', 'uuid')],
  ]);
}

const secondOf = (time: Prisma.Sql = Prisma.sql`NULL`) => Prisma.sql`date_trunc('second', (${time})::timestamptz)`;

/** Columns of revision `r` that every entry about one has. */
const REVISION: Columns = { revisionId: Prisma.sql`r.id`, revision: Prisma.sql`r.revision` };

/** The commit `f` of a publication, where it is recorded, and what it did to the package's directory, `c`. */
const COMMIT: Columns = {
  ...{ oid: Prisma.sql`r.commit`, author: Prisma.sql`f.author`, committer: Prisma.sql`f.committer` },
  ...{ subject: Prisma.sql`f.subject`, lostAt: Prisma.sql`f.lost_at`, treeBefore: Prisma.sql`c.tree_before` },
};
/**
 * Looked up for each entry, by the commit and not by the path: the planner takes both indexes for equal, and a package may
 * have thousands of commits.
 */
const WITH_COMMIT = Prisma.sql`
  LEFT JOIN LATERAL (
    SELECT * FROM ref_commit f WHERE f.repository_id = r.repository_id AND f.oid = r.commit LIMIT 1
  ) f ON true
  LEFT JOIN LATERAL (
    SELECT * FROM package_commit c
    WHERE c.repository_id = r.repository_id AND c.oid = r.commit AND c.path = r.path COLLATE "C" LIMIT 1
  ) c ON true`;

const PUBLICATION: Columns = {
  ...{ ...REVISION, ...COMMIT, time: Prisma.sql`r.published_at`, event: Prisma.sql`'published'` },
  ...{ by: Prisma.sql`r.published_by`, tree: Prisma.sql`r.tree` },
  ...{ upstream: Prisma.sql`r.upstream`, upstreamRevisionId: Prisma.sql`r.upstream_revision_id` },
  comment: Prisma.sql`CASE WHEN r.last_decision ->> 'action' = 'approve' AND NOT r.external THEN r.last_decision ->> 'comment' END`,
  approvedBy: Prisma.sql`ARRAY(SELECT a.approved_by FROM approval a
    WHERE a.revision_id = r.id AND a.tree = r.tree AND a.voided_at IS NULL ORDER BY a.created_at)`,
};
const GLASS: Columns = {
  ...{ ...REVISION, time: Prisma.sql`r.break_glass ->> 'at'`, event: Prisma.sql`'glassBroken'` },
  ...{ by: Prisma.sql`r.break_glass ->> 'by'`, comment: Prisma.sql`r.break_glass ->> 'reason'` },
};

/** The condition that rows of this alias are about the package. */
type Here = (alias: string) => Prisma.Sql;

interface PublicationAt {
  oid: string;
  revisionId: string;
  revision: string | null;
}

/** The commits of a package's publications, also of those that are gone; `external`: others have published it. */
const publicationsSql = (here: Here): Prisma.Sql => Prisma.sql`
  SELECT r.commit, r.id, r.revision, r.external FROM package_revision r WHERE ${here('r')} AND r.published_at IS NOT NULL
  UNION ALL
  SELECT d."row" ->> 'commit', d.revision_id, d.revision, (d."row" ->> 'external')::boolean
  FROM deleted_revision d WHERE ${here('d')}`;

/** Which tombstone `d` it is: a revision has one for each time that its tag was moved. */
const TOMBSTONE = Prisma.sql`d.revision_id || d.deleted_at`;

/** Reads the timelines of packages: what the ref, revisions, tombstones and the audit log tell of one. */
@Injectable()
export class PackageHistoryStore {
  constructor(private readonly database: Database) {}

  /** Also of a package that is gone. */
  async placeOf(packageId: string): Promise<PackagePlace | null> {
    const [place] = await this.database.readByKey<PackagePlace>(Prisma.sql`
      SELECT repository_id AS "repositoryId", path FROM package WHERE id = ${packageId}::uuid
      UNION ALL SELECT repository_id, path FROM deleted_revision WHERE package_id = ${packageId}::uuid LIMIT 1`);
    return place ?? null;
  }

  /** Newest first unless asked for otherwise. */
  async list({ repositoryId, path }: PackagePlace, part: Part): Promise<Rows<HistoryRow>> {
    const here: Here = (alias) =>
      Prisma.sql`${Prisma.raw(alias)}.repository_id = ${repositoryId}::uuid AND ${Prisma.raw(alias)}.path = ${path}`;
    const sort = sortOf(HISTORY_SORTS, part.sort ?? '-time');
    // Each source gives as many as the part may need, read by its own index where it has one of its order.
    const source = (columns: Columns, rows: Prisma.Sql): Prisma.Sql =>
      Prisma.sql`(SELECT * FROM (SELECT ${entrySql(columns)} ${rows}) x ${partSql(sort, [], part)})`;
    // The same of one table, which may hold thousands of rows of the package: what an entry tells besides is joined to the few that are given.
    const chosen = (columns: Columns, table: 'c' | 'r', rows: Prisma.Sql, joins: Prisma.Sql): Prisma.Sql => {
      const { place: written = Prisma.sql`NULL`, time, ...others } = columns;
      const alias = Prisma.raw(table);
      const keys = Prisma.sql`${secondOf(time)} AS "second", (${written})::text AS "place"`;
      const given = { ...others, time, second: Prisma.sql`${alias}."second"`, place: Prisma.sql`${alias}."place"` };
      return Prisma.sql`(SELECT ${entrySql(given)} FROM (
        SELECT * FROM (SELECT ${alias}.*, ${keys} ${rows}) x ${partSql(sort, [], part)}
      ) ${alias} ${joins})`;
    };
    const gone = Prisma.sql`FROM deleted_revision d CROSS JOIN LATERAL jsonb_populate_record(NULL::package_revision, d."row") r`;
    const place = (letter: string, rest: Prisma.Sql) => Prisma.sql`${letter} || ${rest}`;
    const sources = [
      // What the service committed to publish is told as the publication.
      chosen(
        {
          ...{ ...COMMIT, time: Prisma.sql`c.committed_at`, event: Prisma.sql`'committed'` },
          ...{
            tree: Prisma.sql`c.tree_after`,
            by: Prisma.sql`substring(f.author FROM '^(.*) <')`,
            oid: Prisma.sql`c.oid`,
          },
          place: place('3', Prisma.sql`lpad((c.position + 3000000000)::text, 10, '0')`),
        },
        'c',
        Prisma.sql`FROM package_commit c WHERE ${here('c')} AND c.oid NOT IN (
          SELECT v.commit FROM (${publicationsSql(here)}) v WHERE v.commit IS NOT NULL AND NOT v.external)`,
        Prisma.sql`JOIN ref_commit f ON f.repository_id = c.repository_id AND f.oid = c.oid`,
      ),
      chosen(
        { ...PUBLICATION, place: place('5', Prisma.sql`r.id`) },
        'r',
        Prisma.sql`FROM package_revision r WHERE ${here('r')} AND r.published_at IS NOT NULL`,
        WITH_COMMIT,
      ),
      source(
        {
          ...{ ...PUBLICATION, place: place('5', TOMBSTONE) },
          approvedBy: Prisma.sql`ARRAY(SELECT jsonb_array_elements_text(d."row" -> 'approvers'))`,
        },
        Prisma.sql`${gone} ${WITH_COMMIT} WHERE ${here('d')}`,
      ),
      source(
        {
          ...{ ...REVISION, time: Prisma.sql`d.deleted_at`, by: Prisma.sql`d.deleted_by`, oid: Prisma.sql`r.commit` },
          event: Prisma.sql`CASE WHEN d.moved THEN 'tagMoved' ELSE 'deleted' END`,
          comment: Prisma.sql`CASE WHEN r.last_decision ->> 'action' = 'propose-deletion' THEN r.last_decision ->> 'comment' END`,
          ...{ treeBefore: Prisma.sql`r.tree`, place: place('7', TOMBSTONE) },
        },
        Prisma.sql`${gone} WHERE ${here('d')}`,
      ),
      // What was published here stays; a tag of somebody else that moved has left a tombstone.
      source(
        {
          ...{ time: Prisma.sql`d.found_at`, event: Prisma.sql`d.kind::text`, revisionId: Prisma.sql`d.revision_id` },
          ...{ revision: Prisma.sql`d.held_revision`, place: place('6', Prisma.sql`d.id`) },
        },
        Prisma.sql`FROM drift d WHERE ${here('d')} AND d.kind IN ('tagMoved', 'tagDeleted') AND d.revision_id IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM deleted_revision t WHERE t.revision_id = d.revision_id AND t.moved)`,
      ),
      source(
        { ...GLASS, place: place('4', Prisma.sql`r.id`) },
        Prisma.sql`FROM package_revision r WHERE ${here('r')} AND r.break_glass IS NOT NULL AND r.published_at IS NOT NULL`,
      ),
      source(
        { ...GLASS, place: place('4', TOMBSTONE) },
        Prisma.sql`${gone} WHERE ${here('d')} AND NOT d.moved AND r.break_glass IS NOT NULL`,
      ),
      source(
        {
          ...{ time: Prisma.sql`e.time`, by: Prisma.sql`e.actor`, comment: Prisma.sql`e.reason` },
          ...{
            revisionId: Prisma.sql`e.resource_id`,
            revision: Prisma.sql`r.revision`,
            place: place('1', Prisma.sql`e.id`),
          },
          event: Prisma.sql`${JSON.stringify(ACTS)}::jsonb ->> e.action`,
        },
        Prisma.sql`FROM audit_entry e LEFT JOIN package_revision r ON r.id = e.resource_id::uuid
          WHERE ${here('e')} AND e.resource_type = 'PackageRevision' AND e.outcome = 'succeeded'
            AND e.action = ANY(${Object.keys(ACTS)}::text[])
            -- That of a publication is asked for here, and told once it is done.
            AND (e.action <> 'deletePackageRevision' OR e.operation_id IS NULL)`,
      ),
    ];
    const found = await this.database.read<HistoryRow>(Prisma.sql`
      SELECT * FROM (${Prisma.join(sources, ' UNION ALL ')}) x ${partSql(sort, [], { size: part.size })}`);
    return rowsOf(sort, await this.withPublications(here, found), part);
  }

  /** Names, in the entries of commits, what others have published of them: by a statement of its own, which reads the publications once. */
  private async withPublications(here: Here, rows: HistoryRow[]): Promise<HistoryRow[]> {
    const oids = rows.flatMap(({ event, oid }) => (event === 'committed' && oid !== null ? [oid] : []));
    if (oids.length === 0) return rows;
    const found = await this.database.read<PublicationAt>(Prisma.sql`
      SELECT DISTINCT ON (v.commit) v.commit AS oid, v.id AS "revisionId", v.revision FROM (${publicationsSql(here)}) v
      WHERE v.commit = ANY(${oids}) ORDER BY v.commit, v.id`);
    const byOid = new Map(found.map((publication) => [publication.oid, publication]));
    return rows.map((row) => {
      const publication = row.event === 'committed' ? byOid.get(row.oid ?? '') : undefined;
      return publication ? { ...row, ...publication } : row;
    });
  }
}
