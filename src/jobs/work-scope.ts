import type { Operation } from '../database/generated/client.js';
import { Prisma } from '../database/generated/client.js';
import { factsOf } from '../domain/operation.js';

/**
 * What one worker at a time works on, and what the doorbell is rung for: a repository, by its id, the instance as a
 * whole, by an id that no repository has, an operation or a webhook.
 */
export const INSTANCE_SCOPE = '00000000-0000-0000-0000-000000000000';

const WEBHOOK = 'webhook-';
const OPERATION = 'operation-';

/** What the doorbell is rung for where a webhook has deliveries: its id alone would be taken for that of a repository. */
export const webhookScope = (webhookId: string): string => `${WEBHOOK}${webhookId}`;

/** The webhook that was rung for; undefined: something else was. */
export const webhookIn = (scope: string): string | undefined =>
  scope.startsWith(WEBHOOK) ? scope.slice(WEBHOOK.length) : undefined;

type Scoped = Pick<Operation, 'id' | 'kind' | 'repositoryId'>;

const isOnItsOwn = ({ kind }: Pick<Scoped, 'kind'>): boolean => factsOf(kind).scope === 'operation';

/** The id of what a worker holds the lease of while it is at the operation. */
export const scopeOf = (operation: Scoped): string =>
  isOnItsOwn(operation) ? operation.id : (operation.repositoryId ?? INSTANCE_SCOPE);

/** What the doorbell is rung for where there is work on an operation. */
export const bellOf = (operation: Scoped): string =>
  isOnItsOwn(operation) ? operationBell(operation.id) : scopeOf(operation);

/** The same, of one that is a scope by itself: its id alone would be taken for that of a repository. */
export const operationBell = (id: string): string => `${OPERATION}${id}`;

/** The operation that was rung for; undefined: something else was. */
export const operationIn = (bell: string): string | undefined =>
  bell.startsWith(OPERATION) ? bell.slice(OPERATION.length) : undefined;

/** The condition that a row `o` of operation works on the repository, or on none, as an index on `repository_id` can serve it. */
export const onRepository = (repositoryId: string | null): Prisma.Sql =>
  repositoryId === null ? Prisma.sql`o.repository_id IS NULL` : Prisma.sql`o.repository_id = ${repositoryId}::uuid`;
