import { containsSql } from '../database/contains.sql.js';
import { type FilterOf, type Filters, conditionsOf } from '../database/filters.js';
import { Prisma } from '../database/generated/client.js';
import { labelSelectorSql } from '../database/label-selector.sql.js';
import { parseLabelSelector } from '../domain/label-selector.js';
import type { Lifecycle } from '../domain/lifecycle.js';

/** Conditions on a row `r` of package_revision, each as one of its indexes can serve it. */
const FILTERS = {
  repository: (name: string) => Prisma.sql`r.repository_id = (SELECT id FROM repository WHERE name = ${name})`,
  repositoryId: (id: string) => Prisma.sql`r.repository_id = ${id}::uuid`,
  /** An empty one stands for revisions without a target. */
  target: (target: string) => (target === '' ? Prisma.sql`r.target IS NULL` : Prisma.sql`r.target = ${target}`),
  realm: (realm: string) => Prisma.sql`r.realm = ${realm}`,
  package: (name: string) => Prisma.sql`r.package_name = ${name}`,
  path: (path: string) => Prisma.sql`r.path = ${path}`,
  workspace: (workspace: string) => Prisma.sql`r.workspace = ${workspace}`,
  revision: (revision: string) => Prisma.sql`r.revision = ${revision}`,
  lifecycle: (states: Lifecycle[]) => lifecycleIn(states),
  latest: (latest: boolean) => (latest ? Prisma.sql`r.latest` : Prisma.sql`NOT r.latest`),
  upstreamRevisionId: (id: string) => Prisma.sql`r.upstream_revision_id = ${id}::uuid`,
  labelSelector: (selector: string) => labelSelectorSql(Prisma.sql`r.labels`, parseLabelSelector(selector)),
  /** A part of the name, in any case. */
  q: (part: string) => containsSql(Prisma.sql`r.name`, part),
} satisfies Filters<Prisma.Sql>;

export type RevisionFilter = FilterOf<typeof FILTERS>;

export const revisionConditions = (filter: RevisionFilter): Prisma.Sql[] => conditionsOf(FILTERS, filter);

/** One state alone keeps the order of its index; `ANY` of a single one does not. */
function lifecycleIn(states: readonly Lifecycle[]): Prisma.Sql {
  const [state] = states;
  return states.length === 1
    ? Prisma.sql`r.lifecycle = ${state}::"Lifecycle"`
    : Prisma.sql`r.lifecycle = ANY(${states}::"Lifecycle"[])`;
}
