import { containsSql } from '../../database/contains.sql.js';
import { Prisma } from '../../database/generated/client.js';
import type { Literal, Term } from '../../search/query.js';

/** A term over values that a path into the object leads to. */
export interface PathTerm extends Term {
  keys: string[];
}

const BODY = Prisma.sql`o.body`;
/** Values of one object that are shown, and characters of each. */
const MOST_SHOWN = 10;
const LONGEST_SHOWN = 256;

/**
 * Conditions on the body of a row `o` of krm_object. PostgreSQL itself writes the jsonpath, from keys and values that are
 * parameters of the type jsonb: it quotes them as JSON, and what is quoted so means the same in a jsonpath.
 */
export function pathCondition(term: PathTerm): Prisma.Sql {
  const { keys, operator } = term;
  switch (operator) {
    case '=':
      // The operator, and not the function: the index of bodies serves it.
      return Prisma.sql`${BODY} @? ${jsonPath(keys, equals(term))}`;
    case 'present':
      return Prisma.sql`jsonb_path_exists(${BODY}, ${jsonPath(keys)})`;
    case ':':
      return Prisma.sql`EXISTS (SELECT 1 FROM ${valuesHolding(term)})`;
    default:
      return Prisma.sql`jsonb_path_exists(${BODY}, ${jsonPath(keys, compares(operator))}, ${variable(term)}::jsonb)`;
  }
}

/** The values that make a term true of an object, as a JSON list of texts: the first few, and of each the beginning. */
export function shownValues(term: PathTerm): Prisma.Sql {
  return Prisma.sql`(SELECT coalesce(json_agg(s.value), '[]') FROM (
    SELECT coalesce(left(v #>> '{}', ${LONGEST_SHOWN}::int), 'null') AS value FROM ${valuesOf(term)}
    AND jsonb_typeof(v) NOT IN ('object', 'array') LIMIT ${MOST_SHOWN}::int) s)`;
}

function valuesOf(term: PathTerm): Prisma.Sql {
  const { keys, operator } = term;
  if (operator === ':') return valuesHolding(term);
  if (operator === 'present') return Prisma.sql`jsonb_path_query(${BODY}, ${jsonPath(keys, EACH)}) v WHERE true`;
  if (operator === '=') return Prisma.sql`jsonb_path_query(${BODY}, ${jsonPath(keys, equals(term))}) v WHERE true`;
  const path = jsonPath(keys, compares(operator));
  return Prisma.sql`jsonb_path_query(${BODY}, ${path}, ${variable(term)}::jsonb) v WHERE true`;
}

const valuesHolding = ({ keys, values }: PathTerm): Prisma.Sql =>
  Prisma.sql`jsonb_path_query(${BODY}, ${jsonPath(keys, EACH)}) v
    WHERE jsonb_typeof(v) IN ('string', 'number', 'boolean') AND ${containsSql(Prisma.sql`(v #>> '{}')`, values[0]?.text ?? '')}`;

/** Steps into lists are implicit: the path is lax. The planner knows it whole, as a constant, and estimates by it. */
const jsonPath = (keys: readonly string[], rest = Prisma.empty): Prisma.Sql =>
  Prisma.sql`('$' ${Prisma.join(
    keys.map((key) => Prisma.sql`|| '.' || ${quoted(key)}`),
    ' ',
  )} ${rest})::jsonpath`;

/** JSON as PostgreSQL writes it. */
const quoted = (value: string): Prisma.Sql => writtenJson(JSON.stringify(value));
const writtenJson = (json: string): Prisma.Sql => Prisma.sql`${json}::jsonb::text`;

/** The members of lists, and of lists in those; what is no list is its own member. */
const EACH = Prisma.sql`|| '[*][*]'`;

const equals = ({ values }: PathTerm): Prisma.Sql => {
  const equal = values.map((value) => Prisma.sql`'@ == ' || ${writtenJson(jsonOf(value))}`);
  return Prisma.sql`|| ' ? (' || ${Prisma.join(equal, " || ' || ' || ")} || ')'`;
};

const COMPARISONS = {
  '<': Prisma.sql`|| ' ? (@ < $value)'`,
  '<=': Prisma.sql`|| ' ? (@ <= $value)'`,
  '>': Prisma.sql`|| ' ? (@ > $value)'`,
  '>=': Prisma.sql`|| ' ? (@ >= $value)'`,
};

const compares = (operator: keyof typeof COMPARISONS): Prisma.Sql => COMPARISONS[operator];

const variable = ({ values: [value] }: PathTerm): string => `{"value":${value === undefined ? 'null' : jsonOf(value)}}`;

const jsonOf = ({ text, json }: Literal): string => json ?? JSON.stringify(text);
