import { describe, expect, it } from 'vitest';
import { filledMutation, filledText, unknownNames, UnresolvedNameError } from './variant.js';

const NAMES = {
  target: { name: 'edge-1', labels: { 'example.com/site': 'lyon', tier: 'gold' } },
  variant: 'web/edge-1',
  upstreamRevision: 'v3',
};

describe('names in values', () => {
  it.each([
    ['${target.name}', 'edge-1'],
    ['a-${target.labels.tier}-${target.labels.example.com/site}', 'a-gold-lyon'],
    ['${variant.name} of ${upstream.revision}', 'web/edge-1 of v3'],
    ['$target ${', '$target ${'],
  ])('%s is %s', (text, filled) => expect(filledText(text, NAMES)).toBe(filled));

  it.each(['target.labels.none', 'target.labels.toString', 'env.HOME', ''])('${%s} stands for nothing', (name) =>
    expect(() => filledText(`\${${name}}`, NAMES)).toThrow(UnresolvedNameError),
  );

  it('are filled in values at any depth, and nowhere else', () => {
    const mutation = {
      objects: { name: '${target.name}' },
      path: 'data."${target.name}"',
      value: { '${target.name}': ['${target.name}', 1, null, { a: '${variant.name}' }] },
    };
    expect(filledMutation(mutation, NAMES)).toEqual({
      ...mutation,
      value: { '${target.name}': ['edge-1', 1, null, { a: 'web/edge-1' }] },
    });
  });

  it('that never stand for anything are told', () => {
    expect(unknownNames('${target.name} ${target.labels.x} ${target.labels.} ${a} ${}')).toEqual([
      'target.labels.',
      'a',
      '',
    ]);
  });
});
