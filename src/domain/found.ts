import { DomainError } from './errors.js';

/** The refusal of an id that no resource of this noun has. */
export const notFound = (noun: string, id: string, options?: ErrorOptions): DomainError =>
  new DomainError('notFound', `There is no ${noun} with the id ${id}.`, {}, options);

/** Returns what a lookup by id gave; throws {@link notFound} if it gave null. */
export function found<Value>(value: Value | null, noun: string, id: string): Value {
  if (value === null) throw notFound(noun, id);
  return value;
}
