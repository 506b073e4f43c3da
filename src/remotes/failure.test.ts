import { describe, expect, it } from 'vitest';
import { GitError } from '../git/port.js';
import { toDomainError } from './failure.js';

describe('toDomainError', () => {
  it('keeps what readers may know of a Git fault', () => {
    const refs = [{ ref: 'refs/heads/main', reason: 'protected' }];
    const error = toDomainError(new GitError('rejected', 'The remote refused.', { refs }));
    expect(error).toMatchObject({ code: 'remoteRejected', message: 'The remote refused.', data: { refs } });
  });

  it('redacts what nobody foresaw', () => {
    const error = toDomainError(new Error('connect postgresql://user:secret@host'));
    expect(error.code).toBe('unavailable');
    expect(error.message).not.toContain('secret');
  });
});
