import type { Operation } from '../database/generated/client.js';
import { Prisma } from '../database/generated/client.js';

/**
 * What one worker at a time works on, and what the doorbell is rung for: a repository, by its id, the instance as a
 * whole, by an id that no repository has, or a webhook.
 */
export const INSTANCE_SCOPE = '00000000-0000-0000-0000-000000000000';

const WEBHOOK = 'webhook-';

/** What the doorbell is rung for where a webhook has deliveries: its id alone would be taken for that of a repository. */
export const webhookScope = (webhookId: string): string => `${WEBHOOK}${webhookId}`;

/** The webhook that was rung for; undefined: something else was. */
export const webhookIn = (scope: string): string | undefined =>
  scope.startsWith(WEBHOOK) ? scope.slice(WEBHOOK.length) : undefined;

export const scopeOf = ({ repositoryId }: Pick<Operation, 'repositoryId'>): string => repositoryId ?? INSTANCE_SCOPE;

/** The condition that a row `o` of operation is in the scope, as an index on `repository_id` can serve it. */
export const inScope = (scopeId: string): Prisma.Sql =>
  scopeId === INSTANCE_SCOPE ? Prisma.sql`o.repository_id IS NULL` : Prisma.sql`o.repository_id = ${scopeId}::uuid`;
