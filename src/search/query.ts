import { DomainError } from '../domain/errors.js';
import type { FieldName } from './fields.js';

/** What is asked of objects. `and` and `or` have two parts or more. */
export type Query = { and: Query[] } | { or: Query[] } | { not: Query } | Term;

/** True of an object whose field compares so with one of the values; with `present`, of one that has the field. */
export interface Term {
  field: Field;
  operator: Operator;
  /** One; several where `=` may be any of them, none of `present`. */
  values: Literal[];
}

export type Operator = '=' | '<' | '<=' | '>' | '>=' | ':' | 'present';

/** A path into the object, where steps into lists go by themselves; or a field that has a name. */
export type Field = { keys: string[] } | { name: FieldName; key?: string };

/** A value as it is written. */
export interface Literal {
  text: string;
  /** The JSON of what it may be beside a string, where it stands without quotes: a number, `true`, `false`, `null`. */
  json: string | null;
}

export const MOST_CHARACTERS = 2048;
export const MOST_TERMS = 20;
/** Values of one `IN`. */
export const MOST_VALUES = 50;
/** Parentheses and `NOT` inside one another; and the steps of a path. */
export const MOST_DEPTH = 20;

export type SearchFault =
  | 'unexpected'
  | 'unbalanced'
  | 'unknownField'
  | 'badType'
  | 'badValue'
  | 'tooLong'
  | 'tooMany'
  | 'tooDeep'
  | 'ambiguous';

/** The refusal of a query. `position`: where in the text, in UTF-16 units from 0. */
export function invalidSearch(fault: SearchFault, position: number, message: string): DomainError {
  return new DomainError('invalidSearch', `${message} (position ${position})`, {
    position,
    errors: [{ pointer: 'query', code: fault, message }],
  });
}

/** All terms of a query, with whether what they say is wanted or excluded. */
export function* termsOf(query: Query, wanted = true): Generator<{ term: Term; wanted: boolean }> {
  if ('field' in query) yield { term: query, wanted };
  else if ('not' in query) yield* termsOf(query.not, !wanted);
  else for (const part of 'and' in query ? query.and : query.or) yield* termsOf(part, wanted);
}
