import { describe, expect, it } from 'vitest';
import { PlanFullError, RefPlan } from './ref-plan.js';

const MAIN = 'refs/heads/main';
const refs = new Map([
  [MAIN, 'head0'],
  ['refs/tags/a/v2', 'tag2'],
  ['refs/tags/a/v10-rc1', 'tag10'],
  ['refs/tags/ab/v40', 'other'],
  ['refs/heads/proposed/a/w', 'draft'],
]);
const plan = () => new RefPlan(refs, MAIN);

describe('RefPlan', () => {
  it('reads planned values before listed ones', () => {
    const subject = plan();
    subject.set(MAIN, 'head1');
    subject.set('refs/heads/proposed/a/w', null);
    expect(subject.current(MAIN)).toBe('head1');
    expect(subject.current('refs/heads/proposed/a/w')).toBeNull();
    expect(subject.current('refs/tags/a/v2')).toBe('tag2');
    expect(subject.current('refs/heads/none')).toBeNull();
  });

  it('hands over the difference only: tags, without which main holds nothing new, then main, branches, deletions', () => {
    const subject = plan();
    subject.set('refs/heads/proposed/a/w', null);
    subject.set('refs/heads/drafts/b/w', 'new');
    subject.set('refs/tags/a/v3', 'tag3');
    subject.set(MAIN, 'head1');
    subject.set('refs/heads/drafts/c/w', 'made');
    subject.set('refs/heads/drafts/c/w', null);
    expect(subject.changes()).toEqual([
      { ref: 'refs/tags/a/v3', expected: null, next: 'tag3', needs: MAIN },
      { ref: MAIN, expected: 'head0', next: 'head1' },
      { ref: 'refs/heads/drafts/b/w', expected: null, next: 'new' },
      { ref: 'refs/heads/proposed/a/w', expected: 'draft', next: null },
    ]);
  });

  it('refuses a new value for a ref it deletes: together they would be a forced update', () => {
    const subject = plan();
    subject.set('refs/heads/proposed/a/w', null);
    expect(() => subject.set('refs/heads/proposed/a/w', 'again')).toThrow(PlanFullError);
  });

  it.each([
    ['refs/tags/a/v2/v1', 'the tag "a/v2"'],
    ['refs/heads/proposed/a', 'others whose names begin with it'],
    ['refs/heads/main/x/y', 'the branch "main"'],
  ])('has no room for %s beside what is there', (ref, other) => {
    const conflict = { code: 'nameConflict', message: expect.stringContaining(`beside ${other}`) };
    expect(() => plan().set(ref, 'new')).toThrow(expect.objectContaining(conflict));
    expect(plan().changes()).toEqual([]);
  });

  it('has room where what stood in the way is deleted, and for names that begin alike', () => {
    const subject = plan();
    subject.set('refs/heads/proposed/a/w', null);
    for (const ref of ['refs/heads/proposed/a', 'refs/tags/a/v', 'refs/tags/a/v22', 'refs/heads/a/v2/v1']) {
      subject.set(ref, 'new');
      expect(subject.current(ref)).toBe('new');
    }
  });

  it('counts numbers by whole directory, planned tags included', () => {
    const subject = plan();
    expect(subject.highestRevision('a')).toBe(10n);
    expect(subject.highestRevision('b')).toBe(0n);
    subject.set('refs/tags/a/v11', 'tag11');
    expect(subject.highestRevision('a')).toBe(11n);
  });

  it('takes back what a failed attempt planned', async () => {
    const subject = plan();
    subject.set(MAIN, 'head1');
    subject.addObjects(['o1']);
    await expect(
      subject.attempt(async () => {
        subject.set(MAIN, 'head2');
        subject.addObjects(['o2']);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(subject.current(MAIN)).toBe('head1');
    expect(subject.objects()).toEqual(['o1']);
  });
});
