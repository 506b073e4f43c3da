import { expect, it } from 'vitest';
import { isStorable, storableText, wellFormed } from './storable-text.js';

it.each([
  ['text', true],
  ['\u{1f600}', true],
  ['a\0b', false],
  ['\ud83d', false],
])('isStorable(%j) is %s', (text, expected) => {
  expect(isStorable(text)).toBe(expected);
  expect(isStorable(storableText(text))).toBe(true);
});

it('keeps what can be stored', () => {
  expect(storableText('a\u{1f600}b')).toBe('a\u{1f600}b');
  expect(storableText('a\0\ud83db')).toBe('a\ufffdb');
  expect(wellFormed('a\0\ud83db')).toBe('a\0\ufffdb');
});
