import { Injectable } from '@nestjs/common';
import { selectFields } from '../../database/columns.js';
import { Database } from '../../database/database.js';
import { Prisma, type SearchView } from '../../database/generated/client.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import { VIEW_SORTS, type ViewFilter, viewConditions } from './view.filter.js';

const SELECT = Prisma.sql`SELECT ${selectFields(Object.values(Prisma.SearchViewScalarFieldEnum), 'v')} FROM search_view v`;

/** Own views, and those that others share. */
const seenBy = (user: string): Prisma.Sql => Prisma.sql`(v.owner = ${user} OR v.shared)`;

@Injectable()
export class ViewStore {
  constructor(private readonly database: Database) {}

  async list(filter: ViewFilter, user: string, part: Part): Promise<Rows<SearchView>> {
    const sort = sortOf(VIEW_SORTS, part.sort ?? 'name');
    const conditions = [...viewConditions(filter), seenBy(user)];
    const found = await this.database.read<SearchView>(Prisma.sql`${SELECT} ${partSql(sort, conditions, part)}`);
    return rowsOf(sort, found, part);
  }

  /** Null also where somebody else keeps it for themselves. */
  async find(id: string, user: string): Promise<SearchView | null> {
    const [row] = await this.database.readByKey<SearchView>(
      Prisma.sql`${SELECT} WHERE v.id = ${id}::uuid AND ${seenBy(user)}`,
    );
    return row ?? null;
  }

  /** As {@link find}; nobody else changes it until the transaction ends. */
  async lock(id: string, user: string): Promise<SearchView | null> {
    await this.database.client.$queryRaw`SELECT 1 FROM search_view WHERE id = ${id}::uuid FOR UPDATE`;
    return this.find(id, user);
  }

  /** Until the transaction ends nobody adds or renames a view of this owner. Gives how many there are. */
  async lockOwner(owner: string): Promise<number> {
    await this.database.lockName(`views/${owner}`);
    return this.database.client.searchView.count({ where: { owner } });
  }

  async named(owner: string, name: string): Promise<string | null> {
    const where = { owner_name: { owner, name } };
    return (await this.database.client.searchView.findUnique({ where, select: { id: true } }))?.id ?? null;
  }

  async insert(data: SearchView): Promise<SearchView> {
    return this.database.client.searchView.create({ data });
  }

  async update(id: string, data: Partial<SearchView>): Promise<SearchView> {
    return this.database.client.searchView.update({ where: { id }, data });
  }

  async delete(id: string): Promise<void> {
    await this.database.client.searchView.delete({ where: { id } });
  }
}
