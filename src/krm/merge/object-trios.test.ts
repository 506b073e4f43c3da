import { describe, expect, it } from 'vitest';
import { readObjects } from '../diff/read-objects.js';
import type { FoundObject } from '../diff/object-pairs.js';
import { DEFAULT_YAML_LIMITS } from '../yaml-limits.js';
import { matchObjects } from './object-trios.js';

/** Objects by file, each as `Kind namespace/name` and what it holds. */
type Given = Record<string, [head: string, holds: object][]>;

const found = (given: Given): FoundObject[] =>
  Object.entries(given).flatMap(([path, objects]) => {
    const documents = objects.map(([head, holds]) => {
      const [, kind = '', namespace, name = ''] = /^(\S+) (?:(\S+)\/)?(\S+)$/.exec(head) ?? [];
      const apiVersion = kind === 'Deployment' ? 'apps/v1' : 'v1';
      return JSON.stringify({ apiVersion, kind, metadata: { name, ...(namespace && { namespace }) }, ...holds });
    });
    return readObjects(path, Buffer.from(documents.join('\n---\n')), DEFAULT_YAML_LIMITS).objects;
  });

/** `base ours theirs`, each as `namespace/name`, or `-`. */
const matched = (base: Given, ours: Given, theirs: Given): string[] => {
  const named = (object: FoundObject | undefined) =>
    object ? [object.namespace, object.name].filter((part) => part !== null).join('/') : '-';
  const trios = matchObjects(found(base), found(ours), found(theirs));
  return trios.map((trio) => [trio.base, trio.ours, trio.theirs].map(named).join(' ')).sort();
};

const FOUR = { data: { a: '1', b: '2', c: '3', d: '4' } };
const HALF = { data: { a: '1', b: '2', c: 'x', d: 'x' } };
const LESS = { data: { a: '1', b: 'x', c: 'x', d: 'x' } };
const one = (head: string, holds: object = FOUR): Given => ({ 'a.yaml': [[head, holds]] });

interface Case {
  name: string;
  base: Given;
  ours: Given;
  theirs?: Given;
  trios: string[];
}

describe('an object under another name', () => {
  it.each<Case>([
    { name: 'in its file', base: one('ConfigMap a'), ours: one('ConfigMap b'), trios: ['a b a'] },
    { name: 'half of it changed', base: one('ConfigMap a'), ours: one('ConfigMap b', HALF), trios: ['a b a'] },
    {
      name: 'in another namespace, and file',
      base: one('ConfigMap n/a'),
      ours: { 'b.yaml': [['ConfigMap m/a', FOUR]] },
      trios: ['n/a m/a n/a'],
    },
    {
      name: 'under one name on one side, and another on the other',
      base: one('ConfigMap a'),
      ours: one('ConfigMap b'),
      theirs: one('ConfigMap c'),
      trios: ['a b c'],
    },
    {
      name: 'under the same name on both sides',
      base: one('ConfigMap a'),
      ours: one('ConfigMap b'),
      theirs: one('ConfigMap b', HALF),
      trios: ['a b b'],
    },
  ])('is the same $name', ({ base, ours, theirs = base, trios }) => {
    expect(matched(base, ours, theirs)).toEqual(trios);
    expect(matched(base, theirs, ours)).toEqual(trios.map(mirrored).sort());
  });

  it.each<Case>([
    {
      name: 'that less than half of is the same',
      base: one('ConfigMap a'),
      ours: one('ConfigMap b', LESS),
      trios: ['- b -', 'a - a'],
    },
    {
      name: 'that holds little of what is there now',
      base: one('ConfigMap a', { data: { a: '1' } }),
      ours: one('ConfigMap b', FOUR),
      trios: ['- b -', 'a - a'],
    },
    {
      name: 'that has nothing but a name',
      base: one('ServiceAccount a', {}),
      ours: one('ServiceAccount b', {}),
      trios: ['- b -', 'a - a'],
    },
    {
      name: 'of another kind',
      base: one('ConfigMap a'),
      ours: one('Secret b'),
      trios: ['- b -', 'a - a'],
    },
    {
      name: 'of another kind in another namespace',
      base: one('ConfigMap n/a'),
      ours: one('Secret m/a'),
      trios: ['- m/a -', 'n/a - n/a'],
    },
    {
      name: 'in another file',
      base: one('ConfigMap a'),
      ours: { 'b.yaml': [['ConfigMap b', FOUR]] },
      trios: ['- b -', 'a - a'],
    },
    {
      name: 'that another one could as well be',
      base: one('ConfigMap a'),
      ours: {
        'a.yaml': [
          ['ConfigMap b', FOUR],
          ['ConfigMap c', FOUR],
        ],
      },
      trios: ['- b -', '- c -', 'a - a'],
    },
    {
      name: 'that could as well be another one',
      base: {
        'a.yaml': [
          ['ConfigMap a', FOUR],
          ['ConfigMap b', FOUR],
        ],
      },
      ours: one('ConfigMap c'),
      trios: ['- c -', 'a - a', 'b - b'],
    },
    {
      name: 'in two other namespaces',
      base: one('ConfigMap n/a'),
      ours: { 'b.yaml': [['ConfigMap m/a', FOUR]], 'c.yaml': [['ConfigMap o/a', FOUR]] },
      trios: ['- m/a -', '- o/a -', 'n/a - n/a'],
    },
    {
      name: 'that is still there under its own',
      base: one('ConfigMap a'),
      ours: {
        'a.yaml': [
          ['ConfigMap a', FOUR],
          ['ConfigMap b', FOUR],
        ],
      },
      trios: ['- b -', 'a a a'],
    },
    {
      name: 'that the other side has given to another object',
      base: one('ConfigMap a'),
      ours: one('ConfigMap b'),
      theirs: {
        'a.yaml': [
          ['ConfigMap a', FOUR],
          ['ConfigMap b', LESS],
        ],
      },
      trios: ['- b b', 'a - a'],
    },
    {
      name: 'that the other side has given to another object in another namespace',
      base: one('ConfigMap n/a'),
      ours: one('ConfigMap m/a'),
      theirs: { 'a.yaml': [['ConfigMap n/a', FOUR]], 'b.yaml': [['ConfigMap m/a', LESS]] },
      trios: ['- m/a m/a', 'n/a - n/a'],
    },
    {
      name: 'that the other side has given to another object of the base',
      base: { 'a.yaml': [['ConfigMap a', FOUR]], 'b.yaml': [['ConfigMap x', FOUR]] },
      ours: { 'a.yaml': [['ConfigMap b', FOUR]], 'b.yaml': [['ConfigMap x', FOUR]] },
      theirs: { 'a.yaml': [['ConfigMap a', FOUR]], 'b.yaml': [['ConfigMap b', FOUR]] },
      trios: ['- b b', 'a - a', 'x x -'],
    },
  ])('is not one $name', ({ base, ours, theirs = base, trios }) => {
    expect(matched(base, ours, theirs)).toEqual(trios);
    expect(matched(base, theirs, ours)).toEqual(trios.map(mirrored).sort());
  });
});

const mirrored = (trio: string): string => {
  const [base, ours, theirs] = trio.split(' ');
  return [base, theirs, ours].join(' ');
};
