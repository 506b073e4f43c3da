import { describe, expect, it } from 'vitest';
import { DomainError } from './errors.js';
import { matches, parseLabelSelector } from './label-selector.js';

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

describe('matches', () => {
  const labels = { app: 'web', empty: '' };
  it.each([
    ['', true],
    ['app', true],
    ['!app', false],
    ['app=web', true],
    ['app=db', false],
    ['app!=web', false],
    ['app!=db', true],
    ['app in (db,web)', true],
    ['app notin (db,web)', false],
    ['empty=', true],
    ['empty', true],
    ['other', false],
    ['!other', true],
    ['other=', false],
    ['other in (a)', false],
    ['other!=a', true],
    ['other notin (a)', true],
    ['app=web,other', false],
    ['constructor', false],
    ['constructor!=a', true],
  ])('%j: %s', (selector, expected) => {
    expect(matches(parseLabelSelector(selector), labels)).toBe(expected);
  });
});
