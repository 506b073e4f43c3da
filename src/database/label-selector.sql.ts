import type { Requirement } from '../domain/label-selector.js';
import { Prisma } from './generated/client.js';

/** The condition that labels, a jsonb column, meet every requirement of a selector. */
export function labelSelectorSql(labels: Prisma.Sql, requirements: readonly Requirement[]): Prisma.Sql {
  if (requirements.length === 0) return Prisma.sql`TRUE`;
  return Prisma.join(
    requirements.map((requirement) => requirementSql(labels, requirement)),
    ' AND ',
  );
}

function requirementSql(labels: Prisma.Sql, { key, operator, values }: Requirement): Prisma.Sql {
  switch (operator) {
    case 'in':
      return Prisma.sql`${labels} ->> ${key} IN (${Prisma.join(values)})`;
    case 'notIn':
      return Prisma.sql`COALESCE(${labels} ->> ${key} NOT IN (${Prisma.join(values)}), TRUE)`;
    case 'exists':
      return Prisma.sql`jsonb_exists(${labels}, ${key})`;
    case 'doesNotExist':
      return Prisma.sql`NOT jsonb_exists(${labels}, ${key})`;
  }
}
