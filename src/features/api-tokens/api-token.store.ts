import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { type ApiToken, Prisma } from '../../database/generated/client.js';
import { partOf, rowsOf, sortOf } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import { API_TOKEN_SORTS, type ApiTokenFilter, apiTokenConditions } from './api-token.filter.js';

type NewRow = Omit<Prisma.ApiTokenUncheckedCreateInput, 'repositoryIds'> & { repositoryIds: string[] | null };

@Injectable()
export class ApiTokenStore {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<ApiToken | null> {
    return this.database.client.apiToken.findUnique({ where: { id } });
  }

  /** Locks the row until the transaction ends. */
  async lock(id: string): Promise<ApiToken | null> {
    await this.database.client.$queryRaw`SELECT id FROM api_token WHERE id = ${id}::uuid FOR UPDATE`;
    return this.find(id);
  }

  /** Newest first unless asked for otherwise. */
  async list(filter: ApiTokenFilter, part: Part): Promise<Rows<ApiToken>> {
    const sort = sortOf(API_TOKEN_SORTS, part.sort ?? '-createdAt');
    const { behind, ...order } = partOf(sort, part);
    const found = await this.database.client.apiToken.findMany({
      where: { AND: [...apiTokenConditions(filter), behind] },
      ...order,
    });
    return rowsOf(sort, found, part);
  }

  /** Those of the ids that are of a repository. */
  async repositoriesAmong(ids: readonly string[]): Promise<Set<string>> {
    const found = await this.database.client.repository.findMany({
      where: { id: { in: [...ids] } },
      select: { id: true },
    });
    return new Set(found.map(({ id }) => id));
  }

  /** How many tokens of a user are good. Nobody makes another one of theirs until the transaction ends. */
  async lockUser(user: string, now: Date): Promise<number> {
    await this.database.lockName(`api-tokens/${user}`);
    return this.database.client.apiToken.count({ where: { user, revokedAt: null, expiresAt: { gt: now } } });
  }

  async insert({ repositoryIds, ...columns }: NewRow): Promise<ApiToken> {
    return this.database.client.apiToken.create({
      data: { ...columns, repositoryIds: repositoryIds ?? Prisma.DbNull },
    });
  }

  /** Revokes a token, and those that were made with it or with one of them, as many as there are by then. */
  async revokeWithChildren(id: string, revokedBy: string, revokedAt: Date): Promise<void> {
    // A token that was being made while the first statement waited for its parent is seen by the next one.
    while ((await this.revokeKnown(id, revokedBy, revokedAt)) > 0);
  }

  private async revokeKnown(id: string, revokedBy: string, revokedAt: Date): Promise<number> {
    return this.database.client.$executeRaw`
      WITH RECURSIVE made AS (
        SELECT id FROM api_token WHERE id = ${id}::uuid
        UNION SELECT t.id FROM api_token t JOIN made m ON t.parent_id = m.id
      )
      UPDATE api_token SET revoked_at = ${revokedAt}, revoked_by = ${revokedBy}
      WHERE id IN (SELECT id FROM made) AND revoked_at IS NULL`;
  }
}
