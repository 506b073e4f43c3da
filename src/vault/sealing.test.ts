import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSealedWith, open, seal, SealingError } from './sealing.js';

const key = randomBytes(32);

describe('seal and open', () => {
  it('give back what was sealed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (secret, row) => {
        expect(open([key], seal(key, secret, row), row)).toBe(secret);
      }),
    );
  });

  it('never give the same blob twice, nor show the secret', () => {
    const [one, two] = [seal(key, 'hunter2', 'row'), seal(key, 'hunter2', 'row')];
    expect(one.equals(two)).toBe(false);
    expect(one.includes('hunter2')).toBe(false);
  });

  it('refuse a blob with any byte changed', () => {
    const sealed = seal(key, 'hunter2', 'row');
    for (let index = 0; index < sealed.length; index++) {
      const changed = Buffer.from(sealed);
      changed[index]! ^= 1;
      expect(() => open([key], changed, 'row')).toThrow(SealingError);
    }
  });

  it('refuse a blob cut off anywhere', () => {
    const sealed = seal(key, 'hunter2', 'row');
    for (let length = 0; length < sealed.length; length++) {
      expect(() => open([key], sealed.subarray(0, length), 'row')).toThrow(SealingError);
    }
  });

  it('refuse a blob that was moved to another row', () => {
    expect(() => open([key], seal(key, 'hunter2', 'row'), 'other')).toThrow('belongs to something else');
  });

  it('tell another key from a changed blob', () => {
    expect(() => open([randomBytes(32)], seal(key, 'hunter2', 'row'), 'row')).toThrow('another key');
  });

  it('find the key that sealed among others', () => {
    const [older, newer] = [randomBytes(32), randomBytes(32)];
    const sealed = seal(older, 'hunter2', 'row');
    expect(open([newer, older], sealed, 'row')).toBe('hunter2');
    expect(isSealedWith(older, sealed)).toBe(true);
    expect(isSealedWith(newer, sealed)).toBe(false);
  });
});
