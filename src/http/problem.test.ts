import { describe, expect, it } from 'vitest';
import { DomainError, ERROR_CODES } from '../domain/errors.js';
import { PROBLEMS, storedProblem, toProblem } from './problem.js';

describe('problems', () => {
  it('give every code a status that fits it', () => {
    const codes = Object.keys(PROBLEMS).sort();
    expect(codes).toEqual([...ERROR_CODES].sort());
    for (const { status, title } of Object.values(PROBLEMS)) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(title).not.toBe('');
    }
  });

  it('let no extension member replace a member of the standard', () => {
    const members = { status: 200, title: 'x', lifecycle: 'draft' };
    const error = new DomainError('stateConflict', 'No.', members);
    expect(toProblem(error)).toMatchObject({ status: 409, title: PROBLEMS.stateConflict.title, lifecycle: 'draft' });
  });

  it('are made of what an operation stored, and of nothing else', () => {
    expect(storedProblem({ code: 'drift', detail: 'Changed.', data: { files: ['a'] } })).toMatchObject({
      status: 409,
      code: 'drift',
      detail: 'Changed.',
      files: ['a'],
    });
    expect(storedProblem({ code: 'madeUp' })).toMatchObject({ status: 500, code: 'internal' });
  });
});
