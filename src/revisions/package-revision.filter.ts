import { containsSql } from '../database/contains.sql.js';
import { Prisma } from '../database/generated/client.js';
import { labelSelectorSql } from '../database/label-selector.sql.js';
import { parseLabelSelector } from '../domain/label-selector.js';
import type { Lifecycle } from '../domain/lifecycle.js';

export interface RevisionFilter {
  repository?: string | undefined;
  repositoryId?: string | undefined;
  /** Empty: without a target. */
  target?: string | undefined;
  realm?: string | undefined;
  package?: string | undefined;
  path?: string | undefined;
  workspace?: string | undefined;
  revision?: string | undefined;
  lifecycle?: Lifecycle[] | undefined;
  latest?: boolean | undefined;
  upstreamRevisionId?: string | undefined;
  labelSelector?: string | undefined;
  /** Part of the name, in any case. */
  q?: string | undefined;
}

/** The conditions on a row `r` of package_revision, each as one of its indexes can serve it. */
export function revisionConditions(filter: RevisionFilter): Prisma.Sql[] {
  const { repository, repositoryId, target, lifecycle, latest, upstreamRevisionId, q } = filter;
  const conditions: Prisma.Sql[] = [];
  const texts: [column: string, value: string | undefined][] = [
    ['target', target === '' ? undefined : target],
    ['realm', filter.realm],
    ['package_name', filter.package],
    ['path', filter.path],
    ['workspace', filter.workspace],
    ['revision', filter.revision],
  ];
  for (const [column, value] of texts) {
    if (value !== undefined) conditions.push(Prisma.sql`r.${Prisma.raw(column)} = ${value}`);
  }
  if (repository !== undefined) {
    conditions.push(Prisma.sql`r.repository_id = (SELECT id FROM repository WHERE name = ${repository})`);
  }
  if (target === '') conditions.push(Prisma.sql`r.target IS NULL`);
  if (repositoryId !== undefined) conditions.push(Prisma.sql`r.repository_id = ${repositoryId}::uuid`);
  if (upstreamRevisionId !== undefined) {
    conditions.push(Prisma.sql`r.upstream_revision_id = ${upstreamRevisionId}::uuid`);
  }
  if (lifecycle !== undefined) conditions.push(lifecycleIn(lifecycle));
  if (latest !== undefined) conditions.push(latest ? Prisma.sql`r.latest` : Prisma.sql`NOT r.latest`);
  if (q !== undefined) conditions.push(containsSql(Prisma.sql`r.name`, q));
  if (filter.labelSelector !== undefined) {
    conditions.push(labelSelectorSql(Prisma.sql`r.labels`, parseLabelSelector(filter.labelSelector)));
  }
  return conditions;
}

/** One state alone keeps the order of its index; `ANY` of a single one does not. */
function lifecycleIn(states: readonly Lifecycle[]): Prisma.Sql {
  const [state] = states;
  return states.length === 1
    ? Prisma.sql`r.lifecycle = ${state}::"Lifecycle"`
    : Prisma.sql`r.lifecycle = ANY(${states}::"Lifecycle"[])`;
}
