import { Prisma } from '../database/generated/client.js';
import { type Sort, sortOf } from '../database/list.sql.js';
import {
  boundConditions,
  type Bounds,
  REVISION_SORTS,
  type RevisionFilter,
  splitFilter,
} from './package-revision.filter.js';
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

/** How a list is ordered, and the parts in which it is read. */
export interface Order {
  sort: Sort<RevisionRow>;
  /** Each with its own conditions by time and by people. */
  branches: readonly [Branch, ...Branch[]];
  bounds: Bounds;
  /** The filters that every branch has to meet besides. */
  others: RevisionFilter;
}

/**
 * The order of a list, and the parts in which it is read. By times and people these are two, each with indexes of its own:
 * what is as a sync has found it, where the columns of the publication stand for all, and what was changed here.
 */
export function orderOf(filter: RevisionFilter, name = usualSort(filter)): Order {
  const sort =
    name === undefined ? IN_ORDER : (sortOf(REVISION_SORTS, name) as readonly unknown[] as Sort<RevisionRow>);
  // What has no `publishedAt` is in no list by it.
  const shown = name?.endsWith('publishedAt') ? [Prisma.sql`r.published_at IS NOT NULL`] : [];
  const { bounds, others } = splitFilter(filter);
  const isBounded = Object.keys(bounds).length > 0;
  const isByTime = sort.some(({ type }) => type === 'time');
  // Of one repository its own index gives fewer rows than any of times, of which most are before a moment that is asked for.
  const isOfOne = filter.asOf !== undefined && (filter.repositoryId ?? filter.repository) !== undefined;
  if (!isBounded && (isOfOne || !isByTime)) return { sort, branches: [{ sort, conditions: shown }], bounds, others };
  const changed = { sort, conditions: [Prisma.sql`NOT r.as_found`, ...shown, ...boundConditions(bounds)] };
  // What a sync finds is published.
  if (filter.waitingFor ?? (filter.lifecycle && !filter.lifecycle.includes('published'))) {
    return { sort, branches: [changed], bounds, others };
  }
  // Asked of one column: of two that are equal in every row the planner would take what meets both for rare.
  const foundBounds = Object.entries(bounds).flatMap(([key, value]) =>
    boundConditions({ [key.replace(/^(created|updated)/, 'published')]: value }),
  );
  const found = {
    sort: sort.map((key) => (key.type === 'time' ? { ...key, column: Prisma.sql`r.published_at` } : key)),
    conditions: [Prisma.sql`r.as_found`, ...shown, ...foundBounds],
  };
  return { sort, branches: [found, changed], bounds, others };
}

/** Ids are in the order of time. */
export const IN_ORDER: Sort<RevisionRow> = [{ key: 'id', column: Prisma.sql`r.id`, type: 'id', order: 'ascending' }];
