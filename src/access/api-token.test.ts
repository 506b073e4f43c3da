import { describe, expect, it } from 'vitest';
import { uuidv7 } from '../domain/uuid.js';
import { hashOf, isSecretOf, newSecret, readToken, writeToken } from './api-token.js';

describe('API tokens', () => {
  it('are read as they were written', () => {
    for (let count = 0; count < 100; count += 1) {
      const token = { id: uuidv7(), secret: newSecret() };
      expect(readToken(writeToken(token))).toEqual(token);
    }
  });

  it('hold 32 random bytes', () => {
    expect(Buffer.from(newSecret(), 'base64url')).toHaveLength(32);
    expect(newSecret()).not.toBe(newSecret());
  });

  it.each([
    '',
    'pks_',
    'pks_a_b',
    `pks_${'0'.repeat(32)}_${'a'.repeat(42)}`,
    `pks_${'g'.repeat(32)}_${'a'.repeat(43)}`,
  ])('are nothing like %j', (text) => expect(readToken(text)).toBeNull());

  it('are known by their hash alone', () => {
    const secret = newSecret();
    expect(isSecretOf(hashOf(secret), secret)).toBe(true);
    expect(isSecretOf(hashOf(secret), newSecret())).toBe(false);
    expect(isSecretOf(Buffer.alloc(0), secret)).toBe(false);
  });
});
