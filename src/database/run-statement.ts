import pg from 'pg';
import type { Prisma } from './generated/client.js';
import { rowMaker } from './row-maker.js';
import { parseTimestamp } from './timestamp.js';

const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (id, format) =>
    id === pg.types.builtins.TIMESTAMPTZ ? parseTimestamp : pg.types.getTypeParser(id, format),
};

/** What a statement gives. */
export interface Answer<Row> {
  rows: Row[];
  rowCount: number | null;
}

/** Runs a statement past Prisma (ADR 10), on a connection or on any of a pool; prepared there, where it has a name. */
export async function runStatement<Row extends object>(
  place: Pick<pg.PoolClient, 'query'>,
  { text, values }: Prisma.Sql,
  name: string | undefined,
): Promise<Answer<Row>> {
  const config = { name, text, values, types: TYPES, rowMode: 'array' } as const;
  const { fields, rows, rowCount } = await place.query<unknown[]>(config);
  return { rows: rows.map(rowMaker(fields.map((field) => field.name))) as Row[], rowCount };
}
