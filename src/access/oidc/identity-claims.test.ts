import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../domain/errors.js';
import { isUserName } from '../user-name.js';
import { identityOf } from './identity-claims.js';

const NAMES = { userClaim: 'sub', emailClaim: 'email', nameClaim: 'name', groupsClaim: 'groups' };

const groupsOf = (groups: unknown, groupsClaim = 'groups') =>
  identityOf({ sub: 'mara', groups }, { ...NAMES, groupsClaim }).groups;

describe('groups', () => {
  it.each([
    [undefined, []],
    [null, []],
    ['', []],
    ['one', ['one']],
    [
      ['a', '', 'b', 'a'],
      ['a', 'b'],
    ],
    [['g'.repeat(256)], ['g'.repeat(256)]],
  ])('%j are %j', (claim, groups) => {
    expect(groupsOf(claim)).toEqual(groups);
  });

  it('are a thousand at most', () => {
    const many = Array.from({ length: 1001 }, (_, index) => `g${index}`);
    expect(groupsOf(many.slice(1))).toHaveLength(1000);
    expect(() => groupsOf(many)).toThrow('more than 1000 groups');
  });
});

describe('paths to claims', () => {
  const claims = {
    sub: 'mara',
    'a.b': 'whole',
    a: { b: 'nested', c: { d: ['deep'] } },
    list: ['x'],
  };
  const at = (groupsClaim: string) => identityOf(claims, { ...NAMES, groupsClaim }).groups;

  it('name a claim as a whole first, and lead into objects after that', () => {
    expect(at('a.b')).toEqual(['whole']);
    expect(at('a.c.d')).toEqual(['deep']);
  });

  it.each(['a.c.x', 'x.y', 'sub.length', 'a.constructor', '__proto__', 'toString', 'a.b.c', 'a..b'])(
    'find nothing at %s',
    (path) => {
      expect(at(path)).toEqual([]);
    },
  );
});

describe('full names', () => {
  const nameOf = (name: unknown, claim = 'name') =>
    identityOf({ sub: 'mara', [claim]: name }, { ...NAMES, nameClaim: claim }).name;

  it('are kept as the provider writes them', () => {
    expect(nameOf(' Mara Müller-Ó Briain, 3rd ')).toBe('Mara Müller-Ó Briain, 3rd');
    expect(nameOf('マラ', 'display_name')).toBe('マラ');
  });

  it.each([
    undefined,
    7,
    '',
    ' ',
    '...',
    'M <m@x>',
    'M\nEvil: yes',
    'M\u0000',
    'M\u202eara',
    'M\u2028ara',
    'm'.repeat(129),
  ])('are left out when they are %j', (name) => {
    expect(nameOf(name)).toBeNull();
  });
});

describe('e-mail addresses', () => {
  const emailOf = (email: unknown, verified?: unknown) =>
    identityOf({ sub: 'mara', email, email_verified: verified }, NAMES).email;

  it('are kept unless the provider says that nobody checked them', () => {
    expect(emailOf('mara@example.com')).toBe('mara@example.com');
    expect(emailOf('mara@example.com', true)).toBe('mara@example.com');
    expect(emailOf('mara@example.com', false)).toBeNull();
  });

  it.each([undefined, 7, '', 'mara', '@', 'm@x>', 'm <m@x>', 'm@x\nx', 'm\u0000@x', `${'m'.repeat(254)}@x`])(
    'are left out when they are %j',
    (email) => {
      expect(emailOf(email)).toBeNull();
    },
  );

  it('are no names while nobody checked them', () => {
    const byEmail = { ...NAMES, userClaim: 'email' };
    const claims = { email: 'mara@example.com' };
    expect(identityOf({ ...claims, email_verified: true }, byEmail).user).toBe('mara@example.com');
    expect(identityOf(claims, byEmail).user).toBe('mara@example.com');
    expect(() => identityOf({ ...claims, email_verified: false }, byEmail)).toThrow('has not been verified');
  });
});

it('gives an identity that can be used, or refuses, whatever the claims are', () => {
  const unit = fc.constantFrom(...'aZ0 ._@+-<>|\n\0\u00e9\u200b');
  const text = fc.oneof(fc.string({ unit, maxLength: 300 }), fc.constantFrom('mara', 'm@example.com'));
  const value = fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.jsonValue({ maxDepth: 1 }));
  fc.assert(
    fc.property(fc.record({ sub: value as fc.Arbitrary<string>, email: value, groups: value }), (claims) => {
      try {
        const { user, email, groups } = identityOf(claims, NAMES);
        expect(isUserName(user)).toBe(true);
        expect(email ?? 'none@x').toMatch(/^[^<>\n\0]+@[^<>\n\0]+$/);
        for (const group of groups) expect(group.length).toBeLessThanOrEqual(256);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        expect(error.code).toBe('unauthenticated');
      }
    }),
  );
});
