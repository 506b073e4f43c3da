import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { Prisma } from '../../database/generated/client.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import { type RevisionFilter, revisionConditions } from '../../revisions/package-revision.filter.js';
import type { Query } from '../../search/query.js';
import { BoundedReads } from './bounded-reads.store.js';
import { type Facet, HIT, type HitRow, SEARCH_SORTS } from './hit.sql.js';
import { type PathTerm, shownValues } from './path.sql.js';
import { FROM, querySql } from './search.sql.js';

/** What is searched: everything that the query asks for, in the scope, of what the caller may see. */
export interface Search {
  query: Query | null;
  scope: RevisionFilter;
  visible: Visibility;
}

/** The values that made terms true of an object, in the order of the terms. */
export interface ShownRow {
  blobOid: string;
  position: number;
  shown: string[][];
}

export interface FacetRow {
  facet: Facet;
  value: string;
  count: number;
}

const FACET_VALUES: Record<Facet, Prisma.Sql> = {
  kind: Prisma.sql`SELECT h.kind AS value FROM hit h`,
  namespace: Prisma.sql`SELECT coalesce(h.namespace, '') AS value FROM hit h`,
  repository: Prisma.sql`SELECT h.repository AS value FROM hit h`,
  target: Prisma.sql`SELECT coalesce(h.target, '') AS value FROM hit h`,
  image: Prisma.sql`SELECT unnest(h.images) AS value FROM hit h`,
  label: Prisma.sql`SELECT l.key || '=' || l.value AS value FROM hit h, jsonb_each_text(h.labels) l`,
};
const MOST_OF_FACET = 50;
const IS_COMPLETE = 'SELECT NOT EXISTS (SELECT 1 FROM krm_object WHERE body IS NULL) AS complete';

/** Runs searches: PostgreSQL alone finds what matches. */
@Injectable()
export class SearchStore {
  constructor(private readonly reads: BoundedReads) {}

  async find(search: Search, part: Part): Promise<Rows<HitRow>> {
    const sort = sortOf(SEARCH_SORTS, part.sort ?? 'object');
    const statement = Prisma.sql`SELECT ${HIT} ${FROM} ${partSql(sort, conditionsOf(search), part)}`;
    return rowsOf(sort, await this.reads.read<HitRow>(statement), part);
  }

  /** What the terms found in these objects. */
  async shown(
    objects: readonly Pick<HitRow, 'blobOid' | 'position'>[],
    terms: readonly PathTerm[],
  ): Promise<ShownRow[]> {
    if (objects.length === 0 || terms.length === 0) return [];
    const [blobs, positions] = [objects.map(({ blobOid }) => blobOid), objects.map(({ position }) => position)];
    return this.reads.read<ShownRow>(Prisma.sql`
      SELECT o.blob_oid AS "blobOid", o.position, json_build_array(${Prisma.join(terms.map(shownValues))}) AS shown
      FROM unnest(${blobs}::text[], ${positions}::int[]) AS k(blob_oid, position)
      JOIN krm_object o ON o.blob_oid = k.blob_oid AND o.position = k.position`);
  }

  /** The commonest values, and in how many results each is. */
  async facets(search: Search, facets: readonly Facet[]): Promise<FacetRow[]> {
    if (facets.length === 0) return [];
    const parts = facets.map(
      (facet) => Prisma.sql`(
        SELECT ${facet}::text AS facet, c.value, count(*)::int AS count FROM (${FACET_VALUES[facet]}) c
        GROUP BY c.value ORDER BY count(*) DESC, c.value LIMIT ${MOST_OF_FACET})`,
    );
    return this.reads.read<FacetRow>(Prisma.sql`
      WITH hit AS MATERIALIZED (
        SELECT o.kind, o.namespace, r.repository_name AS repository, r.target, o.images, o.labels
        ${FROM} WHERE ${Prisma.join([Prisma.sql`TRUE`, ...conditionsOf(search)], ' AND ')}
      ) ${Prisma.join(parts, ' UNION ALL ')}`);
  }

  /**
   * Runs `work` in one transaction. `complete`: every object that is indexed had its body, as of before `work`: some had none
   * before bodies were kept, and what is filled in meanwhile may be missing in the result.
   */
  async together<T>(work: () => Promise<T>): Promise<{ result: T; complete: boolean }> {
    const { result, first } = await this.reads.togetherAfter(IS_COMPLETE, work);
    const [row] = first as readonly { complete: boolean }[];
    return { result, complete: row?.complete ?? true };
  }
}

function conditionsOf({ query, scope, visible }: Search): Prisma.Sql[] {
  const seen = visibleSql(visible, 'r');
  return [
    ...(query === null ? [] : [querySql(query, visible)]),
    ...revisionConditions(scope, visible),
    ...(seen === null ? [] : [seen]),
  ];
}
