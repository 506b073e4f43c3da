import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { type ApiToken, Prisma } from '../../database/generated/client.js';

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

  /** A page, newest first, beginning behind the id `after`; of one user or, `undefined`, of all. */
  async list(user: string | undefined, after: string | undefined, limit: number): Promise<ApiToken[]> {
    const where = { user, id: after === undefined ? undefined : { lt: after } };
    return this.database.client.apiToken.findMany({ where, orderBy: { id: 'desc' }, take: limit });
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
