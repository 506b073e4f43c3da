import { describe, expect, it } from 'vitest';
import { DomainError } from './errors.js';
import {
  ACTIONS,
  actionsNow,
  allowedActions,
  assertAllowed,
  isPublished,
  LIFECYCLES,
  type Lifecycle,
} from './lifecycle.js';

/** Written down once more, by hand. */
const MATRIX: Record<Lifecycle, string> = {
  draft: 'edit propose delete',
  proposed: 'reject withdraw approve delete',
  published: 'propose-deletion copy clone',
  deletionProposed: 'reject-deletion delete copy clone',
};

describe.each(LIFECYCLES)('%s', (lifecycle) => {
  it.each(ACTIONS)('%s', (action) => {
    const attempt = (): void => assertAllowed({ name: 'a.b', lifecycle }, action);
    const allowed = MATRIX[lifecycle].split(' ');
    expect(allowedActions(lifecycle).includes(action)).toBe(allowed.includes(action));
    if (allowed.includes(action)) expect(attempt).not.toThrow();
    else {
      expect(attempt).toThrow(DomainError);
      expect(attempt).toThrow(
        expect.objectContaining({ code: 'stateConflict', data: { lifecycle, allowedActions: allowed } }),
      );
    }
  });
});

it('published is what has a tag', () => {
  expect(LIFECYCLES.filter(isPublished)).toEqual(['published', 'deletionProposed']);
});

it('a draft in conflict is resolved first, one whose package moved on can be rebased', () => {
  const now = (lifecycle: Lifecycle, inConflict: boolean, isBehind: boolean) =>
    actionsNow(lifecycle, { inConflict, isBehind }).join(' ');
  expect(now('draft', false, false)).toBe(MATRIX.draft);
  expect(now('draft', false, true)).toBe('edit propose delete rebase');
  expect(now('draft', true, true)).toBe('edit delete resolve');
  expect(now('proposed', true, false)).toBe('reject withdraw delete resolve');
  expect(now('proposed', false, true)).toBe(MATRIX.proposed);
});
