import type { Visibility } from '../../access/grants.js';
import { containsSql } from '../../database/contains.sql.js';
import { Prisma } from '../../database/generated/client.js';
import { parseRevisionPlace } from '../../domain/identity.js';
import { normalImage } from '../../krm/image-reference.js';
import { revisionConditions } from '../../revisions/package-revision.filter.js';
import { factsOfField, type FieldName } from '../../search/fields.js';
import type { Query, Term } from '../../search/query.js';
import { readTime, type TimeSpan } from '../../search/time-value.js';
import { pathCondition, type PathTerm } from './path.sql.js';

/** Objects, the files that hold them, and the revisions that have those: rows `o`, `f` and `r`. */
export const FROM = Prisma.sql`FROM krm_object o
  JOIN package_file f ON f.blob_oid = o.blob_oid AND f.raw_path IS NULL AND f.mode LIKE '100%'
  JOIN package_revision r ON r.tree = f.tree_oid`;

type TextField = Exclude<
  FieldName,
  'label' | 'annotation' | 'image' | 'lifecycle' | 'latest' | 'upstream' | 'createdAt' | 'updatedAt' | 'publishedAt'
>;

const TEXTS: Record<TextField, Prisma.Sql> = {
  apiVersion: Prisma.sql`o.api_version`,
  group: Prisma.sql`CASE WHEN position('/' IN o.api_version) > 0 THEN split_part(o.api_version, '/', 1) ELSE '' END`,
  version: Prisma.sql`substring(o.api_version FROM '[^/]*$')`,
  kind: Prisma.sql`o.kind`,
  namespace: Prisma.sql`o.namespace`,
  name: Prisma.sql`o.name`,
  path: Prisma.sql`f.path`,
  repository: Prisma.sql`r.repository_name`,
  target: Prisma.sql`r.target`,
  realm: Prisma.sql`r.realm`,
  package: Prisma.sql`r.package_name`,
  packagePath: Prisma.sql`r.path`,
  workspace: Prisma.sql`r.workspace`,
  revision: Prisma.sql`r.revision`,
  createdBy: Prisma.sql`r.created_by`,
  updatedBy: Prisma.sql`r.updated_by`,
  publishedBy: Prisma.sql`r.published_by`,
};

const TIMES = {
  createdAt: Prisma.sql`r.created_at`,
  updatedAt: Prisma.sql`r.updated_at`,
  publishedAt: Prisma.sql`r.published_at`,
};

/**
 * The condition that a row of {@link FROM} is what is asked for. Everything of the query's text is a parameter. What is
 * unknown counts as false, also where the opposite is asked for: an object without a name is one whose name is not `a`.
 */
export function querySql(query: Query, visible: Visibility): Prisma.Sql {
  if ('not' in query) return Prisma.sql`(${querySql(query.not, visible)}) IS NOT TRUE`;
  if ('and' in query) return joined(query.and, ' AND ', visible);
  if ('or' in query) return joined(query.or, ' OR ', visible);
  const path = asPathTerm(query);
  return path ? pathCondition(path) : fieldSql(query, visible);
}

const joined = (parts: readonly Query[], word: string, visible: Visibility): Prisma.Sql =>
  Prisma.sql`(${Prisma.join(
    parts.map((part) => querySql(part, visible)),
    word,
  )})`;

/** Null: the field is no place in the body. */
export function asPathTerm(term: Term): PathTerm | null {
  const { field } = term;
  return 'keys' in field ? { ...term, keys: field.keys } : null;
}

function fieldSql(term: Term, visible: Visibility): Prisma.Sql {
  const { name } = term.field as { name: FieldName };
  const texts = term.values.map(({ text }) => text);
  switch (name) {
    case 'label':
    case 'annotation':
      return keyedSql(term, name);
    case 'image':
      return imageSql(term);
    case 'lifecycle':
      if (term.operator === 'present') return Prisma.sql`TRUE`;
      return Prisma.sql`r.lifecycle = ANY(${texts}::"Lifecycle"[])`;
    case 'latest':
      return latestSql(term);
    case 'upstream':
      return upstreamSql(term, visible);
    case 'createdAt':
    case 'updatedAt':
    case 'publishedAt':
      return timeSql(term, TIMES[name]);
    default:
      return textSql(term, TEXTS[name as TextField]);
  }
}

const IS_LATEST = Prisma.sql`r.latest`;
const NOT_LATEST = Prisma.sql`NOT r.latest`;

function latestSql({ operator, values: [value, ...others] }: Term): Prisma.Sql {
  if (operator === 'present') return Prisma.sql`TRUE`;
  const isTrue = value?.json === 'true';
  if (others.some(({ json }) => (json === 'true') !== isTrue)) return Prisma.sql`TRUE`;
  return isTrue ? IS_LATEST : NOT_LATEST;
}

function textSql({ operator, values }: Term, column: Prisma.Sql): Prisma.Sql {
  const texts = values.map(({ text }) => text);
  const [text = ''] = texts;
  if (operator === 'present') return Prisma.sql`${column} <> ''`;
  // Nothing and the empty text are the same.
  if (operator === ':') return text === '' ? Prisma.sql`TRUE` : containsSql(column, text);
  if (texts.includes('')) return Prisma.sql`coalesce(${column}, '') = ANY(${texts}::text[])`;
  return texts.length === 1 ? Prisma.sql`${column} = ${text}` : Prisma.sql`${column} = ANY(${texts}::text[])`;
}

const KEYED = { label: Prisma.sql`o.labels`, annotation: Prisma.sql`o.annotations` };
/** What was applied last holds the values of a Secret. */
const NOT_OF_SECRETS = 'kubectl.kubernetes.io/last-applied-configuration';

/** Their values are texts, whatever somebody wrote without quotes. */
function keyedSql({ field, operator, values }: Term, name: keyof typeof KEYED): Prisma.Sql {
  const { key = '' } = field as { key?: string };
  const column = KEYED[name];
  const own =
    key === NOT_OF_SECRETS ? Prisma.sql`o.kind <> 'Secret' AND ${column} <> '{}'` : Prisma.sql`${column} <> '{}'`;
  if (operator === 'present') return Prisma.sql`(${own} AND ${column} ? ${key})`;
  if (operator === ':') {
    return Prisma.sql`(${own} AND ${containsSql(Prisma.sql`(${column} ->> ${key})`, values[0]?.text ?? '')})`;
  }
  const equal = values.map(({ text }) => Prisma.sql`${column} @> ${JSON.stringify({ [key]: text })}::jsonb`);
  return Prisma.sql`(${own} AND (${Prisma.join(equal, ' OR ')}))`;
}

/** The images are there in one way of writing; a reference that is asked for is read as those were. */
function imageSql({ operator, values }: Term): Prisma.Sql {
  const named = Prisma.sql`o.images <> '{}'`;
  if (operator === 'present') return named;
  if (operator === '=') {
    const images = values.map(({ text }) => normalImage(text) ?? text);
    return Prisma.sql`(${named} AND o.images && ${images}::text[])`;
  }
  const holds = containsSql(Prisma.sql`i.image`, values[0]?.text ?? '');
  return Prisma.sql`(${named} AND EXISTS (SELECT 1 FROM unnest(o.images) i(image) WHERE ${holds}))`;
}

function upstreamSql({ operator, values }: Term, visible: Visibility): Prisma.Sql {
  if (operator === 'present') return Prisma.sql`r.upstream IS NOT NULL`;
  const conditions = values.flatMap(({ text }) =>
    revisionConditions({ upstream: parseRevisionPlace(text) ?? undefined }, visible),
  );
  return Prisma.sql`(${Prisma.join(conditions, ' OR ')})`;
}

function timeSql({ operator, values }: Term, column: Prisma.Sql): Prisma.Sql {
  if (operator === 'present') return Prisma.sql`${column} IS NOT NULL`;
  const conditions = values.flatMap(({ text }) => {
    const span = readTime(text);
    return span === null ? [] : spanSql(operator, column, span);
  });
  return Prisma.sql`(${Prisma.join(conditions, ' OR ')})`;
}

function spanSql(operator: Term['operator'], column: Prisma.Sql, { first, last }: TimeSpan): Prisma.Sql {
  switch (operator) {
    case '=':
      return Prisma.sql`${column} BETWEEN ${first} AND ${last}`;
    case '<':
      return Prisma.sql`${column} < ${first}`;
    case '<=':
      return Prisma.sql`${column} <= ${last}`;
    case '>':
      return Prisma.sql`${column} > ${last}`;
    case '>=':
      return Prisma.sql`${column} >= ${first}`;
    default:
      throw new Error(`A time has no \`${operator}\``);
  }
}

/** Whether a query says itself which revisions it is about, so that nothing is taken for granted. */
export const namesField = (terms: Iterable<{ term: Term }>, names: readonly FieldName[]): boolean =>
  [...terms].some(({ term: { field } }) => 'name' in field && names.includes(field.name));

/** What a result shows of a term that is no path into the body: the object's own field; null for one of the revision. */
export const isOfObject = ({ field }: Term): boolean => 'keys' in field || factsOfField(field.name).of === 'object';
