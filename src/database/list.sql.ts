import { isStorable } from '../domain/storable-text.js';
import { invalidCursor, type Part, type Place, type Rows } from '../domain/list.js';
import { Prisma } from './generated/client.js';

/** A property of rows by which a list is sorted. It is never null, and its text gives the value back exactly. */
export interface SortProperty<Row> {
  key: { [Key in keyof Row & string]: null extends Row[Key] ? never : Key }[keyof Row & string];
  type: keyof typeof CASTS;
  order: Direction;
}

type Direction = 'ascending' | 'descending';

/** The same, with its column for a list that is written in SQL. */
export interface SortKey<Row> extends SortProperty<Row> {
  column: Prisma.Sql;
}

/** The order of a list, from the most significant key to the last, by which no two rows are equal. */
export type Sort<Row> = readonly SortKey<Row>[];

/** The orders that a list can be asked for, by their names. */
export type Sorts<Key> = Record<string, readonly Key[]>;

/** The order of this name, the other way round where a `-` stands before it. */
export function sortOf<Key extends { order: Direction }>(sorts: Sorts<Key>, name: string): readonly Key[] {
  const sort = sorts[name.replace(/^-/, '')];
  if (!sort) throw new Error(`The list has no order "${name}"`);
  return name.startsWith('-') ? sort.map((key) => ({ ...key, order: OPPOSITE[key.order] })) : sort;
}

const OPPOSITE = { ascending: 'descending', descending: 'ascending' } as const;

const CASTS = {
  id: { cast: Prisma.sql`::uuid`, fits: (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) },
  number: { cast: Prisma.sql`::int`, fits: (text: string) => /^\d{1,9}$/.test(text) },
  bigNumber: { cast: Prisma.sql`::bigint`, fits: (text: string) => /^\d{1,16}$/.test(text) },
  text: { cast: Prisma.sql`::text`, fits: isStorable },
  // Only what `toISOString` writes: PostgreSQL reads some other texts as other times than JavaScript, and fails on the rest.
  time: { cast: Prisma.sql`::timestamptz`, fits: (text: string) => isIsoTime(text) },
} as const;

/** The end of a list's statement: its conditions, its order, and one row more than the part has. */
export function partSql<Row>(sort: Sort<Row>, conditions: readonly Prisma.Sql[], { after, size }: Part): Prisma.Sql {
  const all = after === undefined ? conditions : [...conditions, behindSql(sort, after)];
  const where = all.length > 0 ? Prisma.sql`WHERE ${Prisma.join([...all], ' AND ')}` : Prisma.empty;
  const order = sort.map(({ column, order: way }) => (way === 'ascending' ? column : Prisma.sql`${column} DESC`));
  return Prisma.sql`${where} ORDER BY ${Prisma.join(order)} LIMIT ${size + 1}`;
}

/** The same order of rows `x` whose columns bear the names of the keys: of several lists together. */
export const inAnswer = <Row>(sort: Sort<Row>): Sort<Row> =>
  sort.map((key) => ({ ...key, column: Prisma.raw(`x."${key.key}"`) }));

/** Cuts rows, of which one more than the size of the part was asked for. */
export function rowsOf<Row>(sort: readonly SortProperty<Row>[], found: readonly Row[], { size }: Part): Rows<Row> {
  const rows = found.slice(0, size);
  const last = rows.at(-1);
  if (found.length <= size || !last) return { rows, next: null };
  return { rows, next: sort.map(({ key }) => textOf(last[key])) };
}

/** The end of a list that Prisma reads, in the order of one property. */
export function partOf<Row>(sort: readonly SortProperty<Row>[], { after, size }: Part) {
  const [place] = valuesAt(sort, after);
  const [first] = sort;
  if (!first || sort.length > 1) throw new Error('A list that Prisma reads has one key');
  const isUp = first.order === 'ascending';
  return {
    behind: place === undefined ? {} : { [first.key]: { [isUp ? 'gt' : 'lt']: place } },
    orderBy: { [first.key]: isUp ? 'asc' : 'desc' } as const,
    take: size + 1,
  };
}

/** How many rows are looked at in one step for those that stay, at least, and for one part at most. */
const STEP = 100;
const MOST_LOOKED_AT = 5_000;

/**
 * The rows of a part which `keep` gives back of those that are read. Where very many are left out in a row, the part has
 * fewer than its size, and goes on behind them.
 */
export async function chosenRows<Row>(
  sort: readonly SortProperty<Row>[],
  { after, size }: Part,
  read: (part: Part) => Promise<Row[]>,
  keep: (rows: Row[]) => Promise<Row[]>,
): Promise<Rows<Row>> {
  const kept: Row[] = [];
  const step: Part = { after, size: Math.max(size, STEP) };
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += step.size) {
    const { rows, next } = rowsOf(sort, await read(step), step);
    kept.push(...(await keep(rows)));
    if (kept.length > size || next === null) return rowsOf(sort, kept, { size });
    step.after = next;
  }
  return { rows: kept, next: step.after ?? null };
}

/** The values of a place, as many as there are keys; none of the start. Cursors can be forged: others are refused. */
export function valuesAt<Row>(sort: readonly SortProperty<Row>[], place: Place | undefined): Place {
  if (place === undefined) return [];
  const fits = place.length === sort.length && sort.every(({ type }, at) => CASTS[type].fits(place[at] ?? ''));
  if (!fits) throw invalidCursor();
  return place;
}

/**
 * The rows that come later in the order than a place. One comparison of all keys where they have one direction, since an
 * index serves that; otherwise a condition for each key that may be the first to differ, behind one that bounds the scan.
 */
function behindSql<Row>(sort: Sort<Row>, place: Place): Prisma.Sql {
  const texts = valuesAt(sort, place);
  const values = sort.map(({ type }, index) => Prisma.sql`${texts[index]}${CASTS[type].cast}`);
  const [first] = sort;
  const columns = sort.map(({ column }) => column);
  if (sort.every(({ order }) => order === first?.order)) {
    const later = first?.order === 'ascending' ? Prisma.sql`>` : Prisma.sql`<`;
    if (sort.length === 1) return Prisma.sql`${columns[0]} ${later} ${values[0]}`;
    return Prisma.sql`(${Prisma.join(columns)}) ${later} (${Prisma.join(values)})`;
  }
  const differing = sort.map(({ column, order }, index) => {
    const equal = columns.slice(0, index).map((before, at) => Prisma.sql`${before} = ${values[at]}`);
    const later = order === 'ascending' ? Prisma.sql`>` : Prisma.sql`<`;
    return Prisma.sql`(${Prisma.join([...equal, Prisma.sql`${column} ${later} ${values[index]}`], ' AND ')})`;
  });
  const bound = first?.order === 'ascending' ? Prisma.sql`>=` : Prisma.sql`<=`;
  return Prisma.sql`${columns[0]} ${bound} ${values[0]} AND (${Prisma.join(differing, ' OR ')})`;
}

function isIsoTime(text: string): boolean {
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString() === text && /^\d{4}-/.test(text);
}

const textOf = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value));
