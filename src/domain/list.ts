import { DomainError } from './errors.js';

/** Where a row stands in the order of a list: the values of its sort keys as text, the most significant first. */
export type Place = readonly string[];

/** The part of a list that is asked for: so many rows behind a place, or from the start. */
export interface Part {
  after?: Place | undefined;
  size: number;
  /** The name of an order that the list has, `-` before it for the other way round; undefined: the one it has by itself. */
  sort?: string | undefined;
}

/** The rows of a part, and the place behind which the next part begins; null where nothing follows. */
export interface Rows<Row> {
  rows: Row[];
  next: Place | null;
}

/** The refusal of a cursor that is not what this list gave. */
export const invalidCursor = (): DomainError =>
  new DomainError(
    'invalidCursor',
    'The cursor does not belong to this list and filter. Use `nextCursor` as it was given, with the same filter and order.',
    { errors: [{ pointer: 'cursor', code: 'invalidCursor', message: 'Not a cursor of this list and filter.' }] },
  );
