import { describe, expect, it } from 'vitest';
import { tagKey } from './image-reference.js';

const keyOf = (tag: string): string => tagKey(tag) ?? '';

describe('tagKey', () => {
  it.each([
    ...['1.26.9', '1.26-alpine', '1.27-alpha', '1.27.0-beta.2-alpine', '1.27-dev', '1.27-pre1', '1.27-preview.1'],
    ...['1.27.0-rc.1', '1.27-RC1', 'v1.27.0-SNAPSHOT', '1.9-rc1'],
  ])('%s is before 1.27', (tag) => {
    expect(keyOf(tag) < keyOf('1.27')).toBe(true);
  });

  it.each(['1.27-alpine', '1.27.0', '1.27-perl', '1.27-1', '1.27.0-debian-10-r0', '1.27-prepared', '1.27-devel'])(
    '%s is a variant of 1.27',
    (tag) => {
      expect(tagKey(tag)).toBe(tagKey('1.27'));
    },
  );

  it('orders pre-releases among themselves', () => {
    const keys = ['1.27.0-alpha.1', '1.27.0-beta.2', '1.27.0-beta.11', '1.27.0-rc.1', '1.27-alpine'].map(keyOf);
    expect(keys.toSorted()).toEqual(keys);
  });

  it.each(['latest', 'alpine', '1.2.3.4', 'v'])('%s is no version', (tag) => {
    expect(tagKey(tag)).toBeNull();
  });
});
