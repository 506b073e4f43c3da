import { describe, expect, it } from 'vitest';
import { findRef } from './find-ref.js';

const refs = new Map(
  ['heads/main', 'heads/v1', 'tags/v1', 'tags/nf/core/v1', 'tags/nf/core/v2', 'heads/nf/core/v3'].map((name) => [
    `refs/${name}`,
    name,
  ]),
);
const found = (ref: string, directory = 'nf/core') => findRef({ url: 'https://host/x.git', ref, directory }, refs).oid;

describe('the ref that a place names', () => {
  it.each([
    ['the tag of the directory before others', 'v1', 'nf/core', 'tags/nf/core/v1'],
    ['that by its whole name', 'nf/core/v2', 'nf/core', 'tags/nf/core/v2'],
    ['a tag before a branch', 'v1', 'nf/other', 'tags/v1'],
    ['a tag of a whole repository', 'v1', '', 'tags/v1'],
    ['a branch', 'main', 'nf/core', 'heads/main'],
    ['a full name, and nothing else', 'refs/heads/v1', 'nf/core', 'heads/v1'],
  ])('is %s', (_, ref, directory, oid) => expect(found(ref, directory)).toBe(oid));

  it.each([
    ['v9', 'nf/core', 'It has "nf/core/v1", "nf/core/v2".'],
    ['refs/tags/main', 'docs', 'It has "main", "v1", "nf/core/v3".'],
  ])('is told with those that there are where it is not there: %s', (ref, directory, message) =>
    expect(() => found(ref, directory)).toThrow(message),
  );

  it('is not there where there is none at all', () =>
    expect(() => findRef({ url: 'https://host/x.git', ref: 'main', directory: '' }, new Map())).toThrow(
      'It has no branch at all.',
    ));
});
