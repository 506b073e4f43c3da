import { describe, expect, it } from 'vitest';
import { checkAnnotations, checkLabels } from './labels.js';

describe('checkLabels', () => {
  it.each([
    ['a', ''],
    ['app.kubernetes.io/name', 'web-1_a.B'],
    [`${'a'.repeat(253)}/${'b'.repeat(63)}`, 'c'.repeat(63)],
    ['A_b', '1'],
  ])('accepts %s=%s', (key, value) => {
    expect(checkLabels({ [key]: value })).toEqual([]);
  });

  it.each([
    '',
    '/a',
    'a/',
    'a/b/c',
    '-a',
    'a-',
    'A/b',
    'a..b/c',
    '-a/b',
    'a b',
    'ä',
    'a'.repeat(64),
    `${'a'.repeat(254)}/b`,
  ])('refuses the key %j', (key) => {
    expect(checkLabels({ [key]: 'x' })).toMatchObject([{ code: 'invalidKey' }]);
  });

  it.each(['-', 'a ', 'a/b', 'é', 'a\n', 'a'.repeat(64)])('refuses the value %j', (value) => {
    expect(checkLabels({ 'x/y': value })).toMatchObject([{ pointer: '/labels/x~1y', code: 'invalidLabel' }]);
  });
});

describe('checkAnnotations', () => {
  it('takes any text below keys of any case', () => {
    expect(checkAnnotations({ 'Example.com/A': 'any\n{text}' })).toEqual([]);
    expect(checkAnnotations({ 'a b': '' })).toMatchObject([{ code: 'invalidKey' }]);
  });

  it('refuses what the database cannot hold, and too much', () => {
    expect(checkAnnotations({ a: 'x\0' })).toMatchObject([{ pointer: '/annotations/a', code: 'invalidAnnotation' }]);
    expect(checkAnnotations({ a: '\ud800' })).toHaveLength(1);
    expect(checkAnnotations({ a: 'é'.repeat(131_071), b: '' })).toEqual([]);
    expect(checkAnnotations({ a: 'é'.repeat(131_072), b: '' })).toMatchObject([{ code: 'tooLarge' }]);
  });
});
