import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { type ApiToken, Prisma } from '../../database/generated/client.js';
import { rowsOf, type SortProperty, valuesAt } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import { type ApiTokenFilter, apiTokenConditions } from './api-token.filter.js';

type NewRow = Omit<Prisma.ApiTokenUncheckedCreateInput, 'repositoryIds'> & { repositoryIds: string[] | null };

const BY_CREATION: readonly SortProperty<ApiToken>[] = [{ key: 'id', type: 'id' }];

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

  /** Newest first: ids are in the order of time. */
  async list(filter: ApiTokenFilter, part: Part): Promise<Rows<ApiToken>> {
    const [after] = valuesAt(BY_CREATION, part.after);
    const found = await this.database.client.apiToken.findMany({
      where: { AND: [...apiTokenConditions(filter), { id: { lt: after } }] },
      orderBy: { id: 'desc' },
      take: part.size + 1,
    });
    return rowsOf(BY_CREATION, found, part);
  }

  async insert({ repositoryIds, ...columns }: NewRow): Promise<ApiToken> {
    return this.database.client.apiToken.create({
      data: { ...columns, repositoryIds: repositoryIds ?? Prisma.DbNull },
    });
  }

  async revoke(id: string, revokedBy: string, revokedAt: Date): Promise<void> {
    await this.database.client.apiToken.update({ where: { id }, data: { revokedAt, revokedBy }, select: { id: true } });
  }
}
