import { expect, expectTypeOf, it } from 'vitest';
import { conditionsOf, type FilterOf, type Filters } from './filters.js';

const FILTERS = {
  name: (name: string) => `name = ${name}`,
  states: (states: number[]) => `state in ${states.join()}`,
  latest: (latest: boolean) => `latest = ${latest}`,
} satisfies Filters<string>;

it('makes a condition of each filter that is given, a false one too', () => {
  expect(conditionsOf(FILTERS, { latest: false, name: undefined, states: [1, 2] })).toEqual([
    'latest = false',
    'state in 1,2',
  ]);
});

it('knows the types of the values from the table', () => {
  expectTypeOf<FilterOf<typeof FILTERS>>().toEqualTypeOf<{
    name?: string | undefined;
    states?: number[] | undefined;
    latest?: boolean | undefined;
  }>();
});

it('never passes over a filter that the table does not have', () => {
  expect(() => conditionsOf(FILTERS, { since: 'today' })).toThrow('no filter "since"');
});
