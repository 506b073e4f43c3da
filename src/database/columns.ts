import { Prisma } from './generated/client.js';

const names = new Map<string, string>();

/** The column of a field: `repositoryId` is `repository_id`. */
export function columnOf(field: string): string {
  const column = names.get(field) ?? field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  names.set(field, column);
  return column;
}

/** Fields of the table `alias` as a SELECT lists them, each named as the field. */
export const selectFields = (fields: readonly string[], alias: string): Prisma.Sql =>
  Prisma.raw(fields.map((field) => `${alias}.${columnOf(field)} AS "${field}"`).join(', '));

/** Fields of the table `alias` as one JSON object. */
export const jsonFields = (fields: readonly string[], alias: string): Prisma.Sql =>
  Prisma.raw(`json_build_object(${fields.map((field) => `'${field}', ${alias}.${columnOf(field)}`).join(', ')})`);

/** A row as JSON that `json_populate_recordset` reads; columns that are left out are null. */
export function toColumns(row: object): Record<string, unknown> {
  const named: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(row)) if (value !== null) named[columnOf(field)] = value;
  return named;
}
