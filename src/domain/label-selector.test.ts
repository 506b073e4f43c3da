import { describe, expect, it } from 'vitest';
import { DomainError } from './errors.js';
import { parseLabelSelector } from './label-selector.js';

describe('parseLabelSelector', () => {
  it.each([
    ['', []],
    ['  ', []],
    ['a', [{ key: 'a', operator: 'exists', values: [] }]],
    ['! a', [{ key: 'a', operator: 'doesNotExist', values: [] }]],
    ['a=b', [{ key: 'a', operator: 'in', values: ['b'] }]],
    ['a == b', [{ key: 'a', operator: 'in', values: ['b'] }]],
    ['a!=b', [{ key: 'a', operator: 'notIn', values: ['b'] }]],
    ['a=', [{ key: 'a', operator: 'in', values: [''] }]],
    ['a in (b, c,b)', [{ key: 'a', operator: 'in', values: ['b', 'c'] }]],
    ['a notin(b,)', [{ key: 'a', operator: 'notIn', values: ['b', ''] }]],
    ['in in (in)', [{ key: 'in', operator: 'in', values: ['in'] }]],
    [
      'x.io/a=b,!c , d',
      [
        { key: 'x.io/a', operator: 'in', values: ['b'] },
        { key: 'c', operator: 'doesNotExist', values: [] },
        { key: 'd', operator: 'exists', values: [] },
      ],
    ],
  ])('%j', (text, expected) => {
    expect(parseLabelSelector(text)).toEqual(expected);
  });

  it.each(
    [
      ',',
      'a,',
      ',a',
      'a,,b',
      '=b',
      '!',
      '!a=b',
      'a b',
      'a in b',
      'a in (b',
      'a in b)',
      'a in',
      'a=b c',
      'a=b=c',
      'a=(b)',
    ].concat(['a===b', 'a in (b c)', '-a', 'a=-b', 'a/b/c=d', 'a>1', `a=${'b'.repeat(64)}`, 'a!b', '!!a']),
  )('refuses %j', (text) => {
    expect(() => parseLabelSelector(text)).toThrow(DomainError);
    expect(() => parseLabelSelector(text)).toThrow(expect.objectContaining({ code: 'invalidQuery' }));
  });
});
