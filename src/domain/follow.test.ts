import { describe, expect, it } from 'vitest';
import { parseFollow } from './follow.js';
import { versionKey } from './version.js';

const ALL = ['v1', 'v1.3.9', 'v1.4', 'v1.4.2', 'v1.4.10', 'v1.5.0', '1.40.0', 'v2', 'v2.0.1', 'v2.1.0', 'v10'];

const accepted = (text: string): string[] => {
  const follow = parseFollow(text);
  if (follow?.by !== 'range') return [];
  return ALL.filter((revision) => {
    const key = versionKey(revision) ?? '';
    return key >= follow.from && key < follow.below;
  });
};

describe('a range', () => {
  it.each([
    ['v1', ['v1', 'v1.3.9', 'v1.4', 'v1.4.2', 'v1.4.10', 'v1.5.0', '1.40.0']],
    ['2', ['v2', 'v2.0.1', 'v2.1.0']],
    ['1.4', ['v1.4', 'v1.4.2', 'v1.4.10']],
    ['v1.4.2', ['v1.4.2']],
    ['~1.4', ['v1.4', 'v1.4.2', 'v1.4.10']],
    ['~1.4.2', ['v1.4.2', 'v1.4.10']],
    ['~2', ['v2', 'v2.0.1', 'v2.1.0']],
    ['^1.4', ['v1.4', 'v1.4.2', 'v1.4.10', 'v1.5.0', '1.40.0']],
    ['^v10', ['v10']],
  ])('%s takes %j', (text, revisions) => expect(accepted(text)).toEqual(revisions));
});

describe('what is wanted', () => {
  it('is the latest, or one revision', () => {
    expect(parseFollow('latest')).toEqual({ by: 'latest' });
    const id = '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c';
    expect(parseFollow(id)).toEqual({ by: 'revision', id });
  });

  it.each(['', 'newest', 'v', '>=1', '1.x', '1.2.3.4', 'v1-rc1', '~', '1.2 ', '*'])('is not %j', (text) =>
    expect(parseFollow(text)).toBeNull(),
  );
});
