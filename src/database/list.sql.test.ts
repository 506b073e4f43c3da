import { describe, expect, it } from 'vitest';
import type { Part, Place } from '../domain/list.js';
import { Prisma } from './generated/client.js';
import { chosenRows, partSql, rowsOf, type Sort, type SortKey, sortOf, type Sorts, valuesAt } from './list.sql.js';

interface Row {
  id: string;
  name: string;
  time: Date;
}

const [FIRST, SECOND, THIRD] = [1, 2, 3].map((n) => `0199a0de-7a3e-7cc1-a6a5-00000000000${n}`) as [
  string,
  string,
  string,
];
const TIME = '2026-01-02T03:04:05.678Z';
const row = (id: string): Row => ({ id, name: 'n', time: new Date(TIME) });

const id = { key: 'id', column: Prisma.sql`x.id`, type: 'id' } as const;
const time = { key: 'time', column: Prisma.sql`x.time`, type: 'time' } as const;
const BY_ID: Sort<Row> = [{ ...id, order: 'descending' }];
const LATEST: Sort<Row> = [
  { ...time, order: 'descending' },
  { ...id, order: 'descending' },
];
const MIXED: Sort<Row> = [
  { ...time, order: 'descending' },
  { ...id, order: 'ascending' },
];

const textOf = ({ text }: Prisma.Sql) => text.replaceAll(/\s+/g, ' ').trim();

describe('a part of a list', () => {
  it('begins at the start where no place is given', () => {
    expect(textOf(partSql(BY_ID, [], { size: 5 }))).toBe('ORDER BY x.id DESC LIMIT $1');
    expect(partSql(BY_ID, [], { size: 5 }).values).toEqual([6]);
  });

  it('begins behind one value where one key sorts', () => {
    const sql = partSql(BY_ID, [Prisma.sql`x.name = ${'n'}`], { after: [FIRST], size: 5 });
    expect(textOf(sql)).toBe('WHERE x.name = $1 AND x.id < $2::uuid ORDER BY x.id DESC LIMIT $3');
    expect(sql.values).toEqual(['n', FIRST, 6]);
  });

  it('begins behind all values at once where they go one way, as an index of them serves', () => {
    const sql = partSql(LATEST, [], { after: [TIME, FIRST], size: 5 });
    expect(textOf(sql)).toBe(
      'WHERE (x.time,x.id) < ($1::timestamptz,$2::uuid) ORDER BY x.time DESC,x.id DESC LIMIT $3',
    );
  });

  it('begins behind the first value that differs where they go both ways', () => {
    const sql = partSql(MIXED, [], { after: [TIME, FIRST], size: 5 });
    expect(textOf(sql)).toBe(
      'WHERE x.time <= $1::timestamptz AND ((x.time < $2::timestamptz) OR (x.time = $3::timestamptz AND x.id > $4::uuid)) ' +
        'ORDER BY x.time DESC,x.id LIMIT $5',
    );
  });

  it.each([
    ['too few parts', [TIME]],
    ['too many', [TIME, FIRST, FIRST]],
    ['no id', [TIME, 'x']],
    ['no time', ['yesterday', FIRST]],
    ['a number for a time', ['1', FIRST]],
    ['a year for a time', ['2026', FIRST]],
    ['a word that JavaScript takes for a time', ['May', FIRST]],
    ['a time that no database keeps', ['+275760-09-13T00:00:00.000Z', FIRST]],
    ['a time without its zone', ['2026-03-14T09:26:53.589', FIRST]],
  ])('refuses a place of %s', (_, place) => {
    expect(() => valuesAt<Row>(LATEST, place)).toThrow(expect.objectContaining({ code: 'invalidCursor' }));
    expect(() => partSql(LATEST, [], { after: place, size: 5 })).toThrow(
      expect.objectContaining({ code: 'invalidCursor' }),
    );
  });
});

it('a place in the order of texts is one that the database can hold', () => {
  const byName = [{ key: 'name', type: 'text', order: 'ascending' }] as const;
  for (const text of ['a\0b', '\ud800']) {
    expect(() => valuesAt<{ name: string }>(byName, [text])).toThrow(
      expect.objectContaining({ code: 'invalidCursor' }),
    );
  }
  expect(valuesAt<{ name: string }>(byName, ['a'])).toEqual(['a']);
});

it('an order can be turned round', () => {
  const sorts: Sorts<SortKey<Row>> = { time: MIXED };
  expect(sortOf(sorts, 'time')).toEqual(MIXED);
  expect(sortOf(sorts, '-time').map(({ order }) => order)).toEqual(['ascending', 'descending']);
  expect(() => sortOf(sorts, 'name')).toThrow('no order');
});

describe('the rows of a part', () => {
  it('name the next place only where more follow', () => {
    expect(rowsOf(LATEST, [], { size: 2 })).toEqual({ rows: [], next: null });
    const two = [row(FIRST), row(SECOND)];
    expect(rowsOf(LATEST, two, { size: 2 })).toEqual({ rows: two, next: null });
    expect(rowsOf(LATEST, [...two, row(THIRD)], { size: 2 })).toEqual({ rows: two, next: [TIME, SECOND] });
  });
});

describe('chosen rows', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => row(`0199a0de-7a3e-7cc1-a6a5-${String(n).padStart(12, '0')}`));
  const from =
    (all: Row[]) =>
    async ({ after, size }: Part): Promise<Row[]> =>
      all.filter((each) => after === undefined || each.id > String(after[0])).slice(0, size + 1);
  const place = ({ id: text }: Row) => Number(text.slice(-12));
  const every =
    (step: number) =>
    async (rows: Row[]): Promise<Row[]> =>
      rows.filter((each) => place(each) % step === 0);
  const pagesOf = async (all: Row[], keep: (rows: Row[]) => Promise<Row[]>, size: number) => {
    const pages: number[][] = [];
    let after: Place | undefined;
    do {
      const { rows, next } = await chosenRows([{ ...id, order: 'ascending' }], { after, size }, from(all), keep);
      pages.push(rows.map(place));
      after = next ?? undefined;
    } while (after);
    return pages;
  };

  it('fill each part, and the last one has no other behind it', async () => {
    const all = many(1_001);
    expect(await pagesOf(all, every(250), 2)).toEqual([[0, 250], [500, 750], [1000]]);
    expect(await pagesOf(all.slice(0, 1_000), every(250), 2)).toEqual([
      [0, 250],
      [500, 750],
    ]);
    expect((await pagesOf(all, every(1), 7)).flat()).toEqual(all.map(place));
    expect(await pagesOf([], every(1), 7)).toEqual([[]]);
  });

  it('are looked for among so many, and then behind them in the next part', async () => {
    const all = many(12_000);
    expect(await pagesOf(all, async (rows) => rows.filter((each) => place(each) === 11_999), 50)).toEqual([
      [],
      [],
      [11_999],
    ]);
  });
});
