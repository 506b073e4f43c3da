import { Prisma } from '../database/generated/client.js';
import { type Sort, sortOf } from '../database/list.sql.js';
import { REVISION_SORTS, type RevisionFilter } from './package-revision.filter.js';
import type { RevisionRow } from './revision-row.js';

/** A part of the rows of a list, which one index gives in the list's order. */
export interface Branch {
  sort: Sort<RevisionRow>;
  conditions: Prisma.Sql[];
}

const TIMES = ['published', 'updated', 'created'] as const;

/** The order that a list has by itself: that in which revisions came in, or that of a time by which it is filtered. */
const usualSort = (filter: RevisionFilter): string | undefined =>
  TIMES.filter((time) => filter[`${time}Since`] ?? filter[`${time}Until`] ?? (time === 'published' && filter.asOf)).map(
    (time) => `${time}At`,
  )[0];

/** What orders and bounds a list by time or by people. */
const ofTimesAndPeople = ({
  createdBy,
  updatedBy,
  publishedBy,
  createdSince,
  createdUntil,
  updatedSince,
  updatedUntil,
  publishedSince,
  publishedUntil,
}: RevisionFilter) => ({
  by: [createdBy, updatedBy, publishedBy].filter((user) => user !== undefined),
  since: [createdSince, updatedSince, publishedSince].filter((moment) => moment !== undefined),
  until: [createdUntil, updatedUntil, publishedUntil].filter((moment) => moment !== undefined),
});

/**
 * The order of a list, and the parts in which it is read. By times and people these are two, each with indexes of its own:
 * what is as a sync has found it, where the columns of the publication stand for all, and what was changed here.
 */
export function orderOf(
  filter: RevisionFilter,
  name = usualSort(filter),
): { sort: Sort<RevisionRow>; branches: [Branch, ...Branch[]] } {
  // What has no `publishedAt` is in no list by it.
  const sort =
    name === undefined ? IN_ORDER : (sortOf(REVISION_SORTS, name) as readonly unknown[] as Sort<RevisionRow>);
  const shown = name?.endsWith('publishedAt') ? [Prisma.sql`r.published_at IS NOT NULL`] : [];
  const { by, since, until } = ofTimesAndPeople(filter);
  const isByTime = sort.some(({ type }) => type === 'time');
  const isBounded = by.length + since.length + until.length > 0;
  // Of one repository its own index gives fewer rows than any of times, of which most are before a moment that is asked for.
  const isOfOne = filter.asOf !== undefined && (filter.repositoryId ?? filter.repository) !== undefined;
  if (!isBounded && (isOfOne || !isByTime)) return { sort, branches: [{ sort, conditions: shown }] };
  const changed: Branch = { sort, conditions: [Prisma.sql`NOT r.as_found`, ...shown] };
  // What a sync finds is published.
  if (filter.waitingFor ?? (filter.lifecycle && !filter.lifecycle.includes('published'))) {
    return { sort, branches: [changed] };
  }
  const found = [
    Prisma.sql`r.as_found`,
    ...shown,
    ...by.map((user) => Prisma.sql`r.published_by = ${user}`),
    ...since.map((moment) => Prisma.sql`r.published_at >= ${moment}`),
    ...until.map((moment) => Prisma.sql`r.published_at < ${moment}`),
  ];
  const foundSort = sort.map((key) => (key.type === 'time' ? { ...key, column: Prisma.sql`r.published_at` } : key));
  return { sort, branches: [{ sort: foundSort, conditions: found }, changed] };
}

/** Ids are in the order of time. */
export const IN_ORDER: Sort<RevisionRow> = [{ key: 'id', column: Prisma.sql`r.id`, type: 'id', order: 'ascending' }];
