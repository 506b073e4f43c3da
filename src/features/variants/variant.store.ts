import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { selectFields } from '../../database/columns.js';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import { nameTaken } from '../../database/name-taken.js';
import type { Part, Rows } from '../../domain/list.js';
import { VARIANT_SORTS, variantConditions, type VariantFilter } from './variant.filter.js';
import type { VariantRow } from './variant-row.js';

const SELECT = Prisma.sql`SELECT ${selectFields(Object.values(Prisma.VariantScalarFieldEnum), 'v')} FROM variant v`;

/** What is written of a variant; JSON goes in as it is. */
export type VariantColumns = Partial<Omit<VariantRow, 'id'>>;

/** The rows of variants, but for what workers find of them: `reconcile/reconcile.store`. */
@Injectable()
export class VariantStore {
  constructor(private readonly database: Database) {}

  /** In the order of names unless asked for otherwise. */
  async list(filter: VariantFilter, visible: Visibility, part: Part): Promise<Rows<VariantRow>> {
    const sort = sortOf(VARIANT_SORTS, part.sort ?? 'name');
    const conditions = [...variantConditions(filter), ...[visibleSql(visible, 'v') ?? []].flat()];
    const found = await this.database.read<VariantRow>(Prisma.sql`${SELECT} ${partSql(sort, conditions, part)}`);
    return rowsOf(sort, found, part);
  }

  async find(id: string): Promise<VariantRow | null> {
    const [row] = await this.database.readByKey<VariantRow>(Prisma.sql`${SELECT} WHERE v.id = ${id}::uuid`);
    return row ?? null;
  }

  /** As {@link find}; nobody else changes it until the transaction ends. */
  async lock(id: string): Promise<VariantRow | null> {
    await this.database.client.$queryRaw`SELECT 1 FROM variant WHERE id = ${id}::uuid FOR UPDATE`;
    return this.find(id);
  }

  async insert(row: VariantRow): Promise<VariantRow> {
    const data = dataOf(row) as unknown as Prisma.VariantUncheckedCreateInput;
    await this.database.client.variant.create({ data, select: { id: true } }).catch(nameTaken('variant', row.name));
    return this.reread(row.id);
  }

  async update(id: string, columns: VariantColumns): Promise<VariantRow> {
    const data = dataOf(columns) as Prisma.VariantUncheckedUpdateInput;
    await this.database.client.variant.update({ where: { id }, data, select: { id: true } });
    return this.reread(id);
  }

  private async reread(id: string): Promise<VariantRow> {
    const row = await this.find(id);
    if (!row) throw new Error(`Variant ${id} is missing right after it was written`);
    return row;
  }
}

/** Prisma has a word of its own for a JSON column without a value. */
function dataOf(columns: VariantColumns): Record<string, unknown> {
  const { made, reason, merge, ...others } = columns;
  return {
    ...others,
    ...(made !== undefined && { made: made === null ? Prisma.DbNull : { ...made } }),
    ...(reason !== undefined && { reason: reason === null ? Prisma.DbNull : { ...reason } }),
    ...(merge !== undefined && { merge: merge === null ? Prisma.DbNull : { ...merge } }),
  };
}
