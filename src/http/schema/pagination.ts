import { hash } from 'node:crypto';
import { DomainError } from '../../domain/errors.js';

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/**
 * Where a page begins: behind the row with this key. The cursor is opaque to callers and bound to the list it came
 * from (`scope`: the list's name, filter and sort), so a cursor used with another filter is refused, not misread.
 */
export function readCursor(cursor: string | undefined, scope: unknown): string[] | null {
  if (cursor === undefined) return null;
  const refused = new DomainError(
    'invalidCursor',
    'The cursor does not belong to this list and filter. Use `nextCursor` as it was given, with the same filter.',
    { errors: [{ pointer: 'cursor', code: 'invalidCursor', message: 'Not a cursor of this list and filter.' }] },
  );
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw refused;
  }
  if (!Array.isArray(content) || !content.every((part) => typeof part === 'string')) throw refused;
  const [digest, ...key] = content;
  if (digest !== digestOf(scope, key)) throw refused;
  return key;
}

/** Cuts a page from rows of which one more than `pageSize` was asked for. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  pageSize: number,
  scope: unknown,
  keyOf: (row: Row) => string[],
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, pageSize);
  const last = shown.at(-1);
  const more = rows.length > pageSize && last !== undefined;
  return { items: shown.map(toItem), nextCursor: more ? writeCursor(keyOf(last), scope) : null };
}

export function writeCursor(key: readonly string[], scope: unknown): string {
  return Buffer.from(JSON.stringify([digestOf(scope, key), ...key]), 'utf8').toString('base64url');
}

const digestOf = (scope: unknown, key: readonly string[]): string =>
  hash('sha256', JSON.stringify([scope, key]), 'base64url').slice(0, 16);
