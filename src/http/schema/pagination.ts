import { hash } from 'node:crypto';
import { invalidCursor, type Part, type Place, type Rows } from '../../domain/list.js';
import type { PageRequest } from './query.js';

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/**
 * Answers a list: `find` gives the rows that a part of it has. `name`, filter and order are what a cursor is bound to,
 * so that one of another list, filter or order is refused and not misread.
 */
export async function listPage<Query extends PageRequest, Row, Item>(
  { pageSize, cursor, sort, ...filter }: Query,
  name: string,
  find: (filter: Omit<Query, keyof PageRequest>, part: Part) => Promise<Rows<Row>>,
  show: (row: Row) => Item,
): Promise<Page<Item>> {
  const scope = [name, filter, sort];
  const { rows, next } = await find(filter, { after: readCursor(cursor, scope), size: pageSize, sort });
  return { items: rows.map(show), nextCursor: next && writeCursor(next, scope) };
}

/** The place that a cursor stands for. Cursors are opaque to callers. */
export function readCursor(cursor: string | undefined, scope: unknown): Place | undefined {
  if (cursor === undefined) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw invalidCursor();
  }
  if (!Array.isArray(content) || !content.every((part) => typeof part === 'string')) throw invalidCursor();
  const [digest, ...place] = content;
  if (digest !== digestOf(scope, place)) throw invalidCursor();
  return place;
}

export function writeCursor(place: Place, scope: unknown): string {
  return Buffer.from(JSON.stringify([digestOf(scope, place), ...place]), 'utf8').toString('base64url');
}

const digestOf = (scope: unknown, place: Place): string =>
  hash('sha256', JSON.stringify([scope, place]), 'base64url').slice(0, 16);
