import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { selectFields } from '../../database/columns.js';
import { Database } from '../../database/database.js';
import { Prisma, type Receiver } from '../../database/generated/client.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import { RECEIVER_SORTS, type ReceiverFilter, receiverConditions } from './receiver.filter.js';

/** A receiver with the ids of its repositories, in their order. */
export interface ReceiverRow extends Receiver {
  repositoryIds: string[];
}

const SELECT = Prisma.sql`
  SELECT ${selectFields(Object.values(Prisma.ReceiverScalarFieldEnum), 'v')}, ARRAY(
    SELECT x.repository_id::text FROM receiver_repository x WHERE x.receiver_id = v.id ORDER BY x.repository_id
  ) AS "repositoryIds" FROM receiver v`;

@Injectable()
export class ReceiverStore {
  constructor(private readonly database: Database) {}

  async list(filter: ReceiverFilter, visible: Visibility, part: Part): Promise<Rows<ReceiverRow>> {
    const sort = sortOf(RECEIVER_SORTS, part.sort ?? 'name');
    const conditions = [...receiverConditions(filter), ...seenBy(visible)];
    const found = await this.database.read<ReceiverRow>(Prisma.sql`${SELECT} ${partSql(sort, conditions, part)}`);
    return rowsOf(sort, found, part);
  }

  async find(id: string): Promise<ReceiverRow | null> {
    const [row] = await this.database.readByKey<ReceiverRow>(Prisma.sql`${SELECT} WHERE v.id = ${id}::uuid`);
    return row ?? null;
  }

  /** As {@link find}; nobody else changes it until the transaction ends. */
  async lock(id: string): Promise<ReceiverRow | null> {
    await this.database.client.$queryRaw`SELECT 1 FROM receiver WHERE id = ${id}::uuid FOR UPDATE`;
    return this.find(id);
  }

  /** Those of the ids that are of a repository; these stay until the transaction ends. */
  async repositoriesAmong(ids: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.client.$queryRaw<{ id: string }[]>`
      SELECT id FROM repository WHERE id = ANY(${[...ids]}::uuid[]) ORDER BY id FOR KEY SHARE`;
    return new Set(rows.map(({ id }) => id));
  }

  async insert({ repositoryIds, ...data }: ReceiverRow & { sealed: Uint8Array<ArrayBuffer> }): Promise<ReceiverRow> {
    await this.database.client.receiver.create({ data });
    await this.setRepositories(data.id, repositoryIds);
    return this.reread(data.id);
  }

  async update(id: string, data: Prisma.ReceiverUncheckedUpdateInput, repositoryIds?: string[]): Promise<ReceiverRow> {
    await this.database.client.receiver.update({ where: { id }, data });
    if (repositoryIds) await this.setRepositories(id, repositoryIds);
    return this.reread(id);
  }

  async delete(id: string): Promise<void> {
    await this.database.client.receiver.delete({ where: { id } });
  }

  private async setRepositories(receiverId: string, repositoryIds: readonly string[]): Promise<void> {
    const { receiverRepository } = this.database.client;
    await receiverRepository.deleteMany({ where: { receiverId } });
    await receiverRepository.createMany({ data: repositoryIds.map((repositoryId) => ({ receiverId, repositoryId })) });
  }

  private async reread(id: string): Promise<ReceiverRow> {
    const row = await this.find(id);
    if (!row) throw new Error(`Receiver ${id} is missing right after it was written`);
    return row;
  }
}

/** Seen by whoever may see the receivers of all of its repositories: it names them. */
function seenBy(visible: Visibility): Prisma.Sql[] {
  if (visible === 'all') return [];
  const ids = Prisma.sql`${[...visible.repositoryIds]}::uuid[]`;
  const others = Prisma.sql`SELECT 1 FROM receiver_repository x WHERE x.receiver_id = v.id AND x.repository_id <> ALL(${ids})`;
  const any = Prisma.sql`SELECT 1 FROM receiver_repository x WHERE x.receiver_id = v.id`;
  return [Prisma.sql`NOT EXISTS (${others}) AND EXISTS (${any})`];
}
