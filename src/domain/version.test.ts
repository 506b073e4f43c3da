import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { majorNumber, versionKey } from './version.js';

interface Version {
  numbers: [bigint, bigint, bigint];
  preRelease: string[];
}

/** Semantic Versioning, section 11, word by word. */
function compareVersions(one: Version, other: Version): number {
  for (const [index, number] of one.numbers.entries()) {
    const difference = compare(number, other.numbers[index] ?? 0n);
    if (difference !== 0) return difference;
  }
  if (one.preRelease.length === 0 || other.preRelease.length === 0) {
    return compare(other.preRelease.length, one.preRelease.length) && (one.preRelease.length === 0 ? 1 : -1);
  }
  for (const [index, identifier] of one.preRelease.entries()) {
    const counterpart = other.preRelease[index];
    if (counterpart === undefined) return 1;
    const difference = compareIdentifiers(identifier, counterpart);
    if (difference !== 0) return difference;
  }
  return one.preRelease.length < other.preRelease.length ? -1 : 0;
}

function compareIdentifiers(one: string, other: string): number {
  const [numeric, otherNumeric] = [/^\d+$/.test(one), /^\d+$/.test(other)];
  if (numeric && otherNumeric) return compare(BigInt(one), BigInt(other));
  if (numeric !== otherNumeric) return numeric ? -1 : 1;
  return compare(one, other);
}

function compare<Value extends bigint | number | string>(one: Value, other: Value): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

const written = ({ numbers, preRelease }: Version): string =>
  `v${numbers.join('.')}${preRelease.length > 0 ? `-${preRelease.join('.')}` : ''}`;

describe('versionKey', () => {
  const number = fc.oneof(fc.bigInt(0n, 3n), fc.bigInt(0n, 10n ** 12n), fc.bigInt(0n, 10n ** 98n));
  const identifier = fc.oneof(
    fc.constantFrom('alpha', 'beta', 'rc', 'rc1', 'alpha-1', '-', '--', 'a', 'A', '0', '9', '10'),
    fc.bigInt(0n, 10n ** 20n).map(String),
    fc.stringMatching(/^[0-9A-Za-z-]{1,8}$/),
  );
  const version = fc.record({
    numbers: fc.tuple(number, number, number),
    preRelease: fc.oneof(fc.constant<string[]>([]), fc.array(identifier, { maxLength: 4 })),
  });

  it('orders as Semantic Versioning does', () => {
    fc.assert(
      fc.property(version, version, fc.boolean(), (one, other, near) => {
        const second = near ? { ...other, numbers: one.numbers } : other;
        const [key, otherKey] = [versionKey(written(one)), versionKey(written(second))];
        expect(compare(key ?? '', otherKey ?? '')).toBe(compareVersions(one, second));
      }),
      { numRuns: 2000 },
    );
  });

  it('orders the example of the specification', () => {
    const order =
      '1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 v2 v10';
    const keys = order.split(' ').map(versionKey);
    expect(keys.toSorted()).toEqual(keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('reads short forms as if zeros were written', () => {
    expect(versionKey('v1')).toBe(versionKey('1.0.0'));
    expect(versionKey('v1.2')).toBe(versionKey('v1.2.0'));
    expect(versionKey('v1+build')).toBe(versionKey('v1'));
  });

  it.each(['latest', 'release-7', 'v', 'vv1', 'v1.2.3.4', 'v1-', 'v1-a..b', 'v1 ', '', `v1${'0'.repeat(99)}`])(
    '%j is none',
    (leaf) => {
      expect(versionKey(leaf)).toBeNull();
    },
  );
});

it.each([
  ['v3', 3n],
  ['v3.1', 3n],
  ['v3-rc1', 3n],
  ['v3+x', 3n],
  ['v20261128131449', 20261128131449n],
  ['3', null],
  ['v3rc', null],
  ['version3', null],
])('majorNumber %s: %s', (leaf, number) => {
  expect(majorNumber(leaf)).toBe(number);
});
