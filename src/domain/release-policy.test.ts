import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertGatesMet,
  authorshipOf,
  gatesOf,
  type GivenApproval,
  isSameName,
  judgeApprovals,
  missingApprovals,
  policyOf,
  type ReleasePolicy,
  requiredApprovals,
} from './release-policy.js';

const TREE = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);
const STRICT = policyOf({ deployment: true, policy: {} });
const EASY = policyOf({ deployment: false, policy: {} });
const revision = {
  createdBy: 'ada',
  editors: ['eve', 'Bob Byte', 'bob@example.com'],
  proposedBy: 'pam',
  authorTies: [{ author: 'Kim <kim@example.com>', users: ['kimberly'] }],
  tree: TREE,
};
const person = (user: string, email: string | null = null) => ({ user, email });
const approval = (approvedBy: string, more: Partial<GivenApproval> = {}): GivenApproval => ({
  approvedBy,
  email: null,
  tree: TREE,
  voidReason: null,
  breakGlass: false,
  ...more,
});
const judged = (approvals: GivenApproval[], policy: ReleasePolicy = STRICT, verified = true) =>
  judgeApprovals(approvals, revision, policy, verified, () => true).map(({ notCounted }) => notCounted);

describe('the policy in force', () => {
  it('asks for one approval, of somebody else where things are delivered', () => {
    const common = { requiredApprovals: 1, authors: ['creator', 'editors', 'proposer'], readinessGates: [] };
    expect(STRICT).toEqual({ ...common, selfApproval: false });
    expect(EASY).toEqual({ ...common, selfApproval: true });
  });

  it('is what the owner has set', () => {
    const policy = { requiredApprovals: 3, selfApproval: true, authors: ['proposer'], readinessGates: ['scan'] };
    expect(policyOf({ deployment: true, policy })).toEqual(policy);
    expect(policyOf({ deployment: false, policy: { selfApproval: false } })).toEqual({ ...EASY, selfApproval: false });
  });
});

describe('authors', () => {
  it.each([
    ['ada', null, ['creator']],
    ['eve', null, ['editors']],
    ['pam', null, ['proposer']],
    ['Bob Byte', null, ['editors']],
    ['bob@example.com', null, ['editors']],
    ['robert', 'bob@example.com', ['editors']],
    ['robert', 'Bob@Example.com', ['editors']],
    ['EVE', null, ['editors']],
    ['kimberly', null, ['editors']],
    ['grace', 'grace@example.com', []],
  ])('%s <%s> is %j', (user, email, kinds) => {
    expect(authorshipOf(person(user, email), revision, STRICT)).toEqual(kinds);
  });

  it('whom nobody knows make one approval more necessary, whatever the policy asks for', () => {
    const stranger = { authorTies: [...revision.authorTies, { author: 'X <x@example.com>', users: [] }] };
    for (const count of [0, 1, 10]) {
      const policy = { requiredApprovals: count };
      expect(requiredApprovals(policy, revision, true)).toBe(count);
      expect(requiredApprovals(policy, stranger, true)).toBe(count + 1);
      expect(requiredApprovals(policy, stranger, false)).toBe(count);
    }
  });

  it('are those that the policy asks about', () => {
    const policy: ReleasePolicy = { ...STRICT, authors: ['editors'] };
    expect(authorshipOf(person('ada'), revision, policy)).toEqual([]);
    expect(authorshipOf(person('eve'), revision, policy)).toEqual(['editors']);
  });

  it('need no proposer', () => {
    expect(authorshipOf(person('null'), { ...revision, proposedBy: null }, STRICT)).toEqual([]);
  });
});

describe('approvals', () => {
  it('count once a person, for the content they were given for, and not of authors', () => {
    expect(
      judged([
        approval('grace'),
        approval('Grace'),
        approval('henk', { tree: OTHER }),
        approval('henk', { voidReason: 'withdrawn' }),
        approval('henk'),
        approval('ines', { breakGlass: true }),
        approval('ada'),
        approval('robert', { email: 'bob@example.com' }),
      ]),
    ).toEqual([null, 'repeated', 'changed', 'withdrawn', null, 'breakGlass', 'ownWork', 'ownWork']);
  });

  it('count of authors where the policy lets them, or where nobody is told from anybody', () => {
    expect(judged([approval('ada'), approval('eve')], { ...STRICT, selfApproval: true })).toEqual([null, null]);
    expect(judged([approval('ada'), approval('ada')], STRICT, false)).toEqual([null, 'repeated']);
  });

  it('are missing until there are enough', () => {
    expect([0, 2, 3, 4].map((count) => missingApprovals(count, 3))).toEqual([3, 1, 0, 0]);
  });

  it('never count twice for one name, nor once for an author', () => {
    const names = fc.constantFrom('ada', 'ADA', 'eve', 'pam', 'grace', 'Grace', 'henk', 'bob@example.com');
    fc.assert(
      fc.property(fc.array(fc.record({ approvedBy: names, tree: fc.constantFrom(TREE, OTHER) })), (given) => {
        const all = given.map(({ approvedBy, tree }) => approval(approvedBy, { tree }));
        const counted = judgeApprovals(all, revision, STRICT, true, () => true).flatMap(
          ({ approval: each, notCounted }) => (notCounted === null ? [each] : []),
        );
        const keys = counted.map(({ approvedBy }) => approvedBy.toLowerCase());
        expect(new Set(keys).size).toBe(keys.length);
        expect(counted.every(({ tree }) => tree === TREE)).toBe(true);
        expect(
          counted.filter(({ approvedBy }) => authorshipOf(person(approvedBy), revision, STRICT).length > 0),
        ).toEqual([]);
      }),
    );
  });
});

describe('gates', () => {
  const condition = (type: string, status: 'True' | 'False' | 'Unknown', tree?: string) => ({
    type,
    status,
    reason: 'Said',
    ...(tree !== undefined && { tree }),
  });

  it('are met by True for the present content alone', () => {
    const conditions = [
      condition('met', 'True', TREE),
      condition('refused', 'False', TREE),
      condition('old', 'True', OTHER),
      condition('unbound', 'True'),
    ];
    expect(gatesOf(['met', 'refused', 'old', 'unbound', 'unset', 'met'], conditions, TREE)).toEqual([
      { type: 'met', status: 'True', reason: 'Said', met: true },
      { type: 'refused', status: 'False', reason: 'Said', met: false },
      { type: 'old', status: 'Unknown', reason: 'ContentChanged', met: false },
      { type: 'unbound', status: 'Unknown', reason: 'ContentChanged', met: false },
      { type: 'unset', status: 'Unknown', reason: 'NotSet', met: false },
    ]);
  });
});

describe('a refusal', () => {
  it('lists what is missing', () => {
    const gates = gatesOf(['scan', 'test'], [{ type: 'test', status: 'True', reason: 'Said', tree: TREE }], TREE);
    expect(() => assertGatesMet({ name: 'core' }, gates)).toThrow(
      expect.objectContaining({
        code: 'gatesNotMet',
        data: { missing: [{ type: 'scan', status: 'Unknown', reason: 'NotSet' }] },
      }),
    );
    expect(assertGatesMet({ name: 'core' }, gates.slice(1))).toBeUndefined();
  });
});

it('takes names that differ in case for one', () => {
  expect(isSameName('Ada@Example.com', 'ada@example.com ')).toBe(true);
  expect(isSameName('ada', 'adam')).toBe(false);
});
