import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listOf, listQuery } from './query.js';

interface Filter {
  name?: string | undefined;
  latest?: boolean | undefined;
}

const name = z.string().optional();
const latest = z.boolean().optional();

describe('the query of a list', () => {
  it('takes the filters of its list, and the paging that every list has', () => {
    const query = listQuery<Filter>({ name, latest }, {});
    expect(query.parse({ name: 'core', pageSize: '7' })).toEqual({ name: 'core', pageSize: 7 });
    expect(query.safeParse({ since: 'today' }).success).toBe(false);
  });

  it('does not compile without one of the filters, with another one, or with another type', () => {
    const refused = [
      // @ts-expect-error latest is missing
      listQuery<Filter>({ name }, {}),
      // @ts-expect-error the list has no such filter
      listQuery<Filter>({ name, latest, since: name }, {}),
      // @ts-expect-error the list takes a boolean
      listQuery<Filter>({ name, latest: name }, {}),
    ];
    expect(refused).toHaveLength(3);
  });
});

describe('a list of values', () => {
  const list = listOf(z.enum(['a', 'b']));

  it('is read alike where its name is repeated, and with commas', () => {
    for (const given of ['a,b', ['a', 'b'], ['a,b']]) expect(list.parse(given)).toEqual(['a', 'b']);
    expect(list.parse(undefined)).toBeUndefined();
  });

  it.each([[null], [[null, 'a']], [[['a']]], [1], [{}], [['a', { a: 'a' }]], [true], ['']])(
    'refuses %j, which a body may hold',
    (given) => expect(list.safeParse(given).success).toBe(false),
  );
});
