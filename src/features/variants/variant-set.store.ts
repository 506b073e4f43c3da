import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { selectFields } from '../../database/columns.js';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import { nameTaken } from '../../database/name-taken.js';
import type { Part, Rows } from '../../domain/list.js';
import type { VariantState } from '../../domain/variant.js';
import { VARIANT_SET_SORTS, variantSetConditions, type VariantSetFilter } from './variant-set.filter.js';
import type { VariantSetRow } from './variant-row.js';

/** A set, and how its members stand. */
export type CountedSet = VariantSetRow & { counts: Partial<Record<VariantState, number>> };

const FIELDS = selectFields(Object.values(Prisma.VariantSetScalarFieldEnum), 's');
const SELECT = Prisma.sql`
  SELECT ${FIELDS}, COALESCE((SELECT json_object_agg(x.state, x.count) FROM (
    SELECT v.state, count(*)::int AS count FROM variant v WHERE v.set_id = s.id GROUP BY v.state) x), '{}') AS counts
  FROM variant_set s`;

@Injectable()
export class VariantSetStore {
  constructor(private readonly database: Database) {}

  /** In the order of names unless asked for otherwise. Whoever sees a repository as a whole sees its sets. */
  async list(filter: VariantSetFilter, visible: Visibility, part: Part): Promise<Rows<CountedSet>> {
    const sort = sortOf(VARIANT_SET_SORTS, part.sort ?? 'name');
    const seen = visible === 'all' ? [] : [Prisma.sql`s.repository_id = ANY(${[...visible.repositoryIds]}::uuid[])`];
    const conditions = [...variantSetConditions(filter), ...seen];
    const found = await this.database.read<CountedSet>(Prisma.sql`${SELECT} ${partSql(sort, conditions, part)}`);
    return rowsOf(sort, found, part);
  }

  async find(id: string): Promise<CountedSet | null> {
    const [row] = await this.database.readByKey<CountedSet>(Prisma.sql`${SELECT} WHERE s.id = ${id}::uuid`);
    return row ?? null;
  }

  /** As {@link find}; nobody else changes it until the transaction ends. */
  async lock(id: string): Promise<CountedSet | null> {
    await this.database.client.$queryRaw`SELECT 1 FROM variant_set WHERE id = ${id}::uuid FOR UPDATE`;
    return this.find(id);
  }

  async insert(row: VariantSetRow): Promise<CountedSet> {
    const data = row as unknown as Prisma.VariantSetUncheckedCreateInput;
    const taken = nameTaken('variant set', row.name);
    await this.database.client.variantSet.create({ data, select: { id: true } }).catch(taken);
    return this.reread(row.id);
  }

  async update(id: string, columns: Partial<Omit<VariantSetRow, 'id'>>): Promise<CountedSet> {
    const data = columns as unknown as Prisma.VariantSetUncheckedUpdateInput;
    await this.database.client.variantSet.update({ where: { id }, data, select: { id: true } });
    return this.reread(id);
  }

  /** Its members are variants by themselves from then on. */
  async delete(id: string): Promise<void> {
    await this.database.client.variantSet.delete({ where: { id } });
  }

  private async reread(id: string): Promise<CountedSet> {
    const row = await this.find(id);
    if (!row) throw new Error(`Variant set ${id} is missing right after it was written`);
    return row;
  }
}
