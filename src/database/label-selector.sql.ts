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

/** What asks for a label also says that there are some: the indexes leave out rows without any. */
function requirementSql(labels: Prisma.Sql, { key, operator, values }: Requirement): Prisma.Sql {
  switch (operator) {
    case 'in': {
      const pairs = values.map((value) => Prisma.sql`${labels} @> ${JSON.stringify({ [key]: value })}::jsonb`);
      return Prisma.sql`${labels} <> '{}' AND (${Prisma.join(pairs, ' OR ')})`;
    }
    case 'notIn':
      return Prisma.sql`COALESCE(${labels} ->> ${key} NOT IN (${Prisma.join(values)}), TRUE)`;
    case 'exists':
      return Prisma.sql`${labels} <> '{}' AND ${labels} ? ${key}`;
    case 'doesNotExist':
      return Prisma.sql`NOT ${labels} ? ${key}`;
  }
}
