import { expect, it } from 'vitest';
import { withoutSecrets } from './without-secrets.js';

it('hides secrets on three levels, also of lists, and changes nothing of what it is given', () => {
  const time = new Date(0);
  const given = {
    ...{ token: 'a', time, none: null, path: '/x' },
    credential: { password: { of: 'b' }, secrets: 1 },
    request: { headers: { Authorization: 'c', accept: 'd' } },
    hooks: [{ secret: 'e', id: 7 }, 'text'],
  };
  const before = structuredClone(given);
  expect(withoutSecrets(given)).toEqual({
    ...{ token: '[redacted]', time, none: null, path: '/x' },
    credential: { password: '[redacted]', secrets: 1 },
    request: { headers: { Authorization: '[redacted]', accept: 'd' } },
    hooks: [{ secret: '[redacted]', id: 7 }, 'text'],
  });
  expect(given).toEqual(before);
});

it('ends with what holds itself', () => {
  const given: { name: string; self?: object } = { name: 'x' };
  given.self = given;
  expect(withoutSecrets(given)).toEqual({ name: 'x', self: { name: 'x', self: given } });
});
