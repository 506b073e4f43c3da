import { describe, expect, it } from 'vitest';
import { stated } from './condition.js';
import { MACHINE_REASONS, systemFault } from './system-fault.js';

const failed = (code: string, syscall?: string) => Object.assign(new Error(`${code}: /secret/path`), { code, syscall });

describe('systemFault', () => {
  it.each([
    ['ENOSPC', 'write', 'DiskFull'],
    ['EDQUOT', 'write', 'DiskFull'],
    ['EFBIG', 'write', 'DiskFull'],
    ['EACCES', 'mkdir', 'DiskNotWritable'],
    ['EPERM', 'unlink', 'DiskNotWritable'],
    ['EROFS', 'open', 'DiskNotWritable'],
    ['EIO', 'read', 'DiskFailing'],
    ['ESTALE', 'open', 'DiskFailing'],
    ['EMFILE', 'open', 'LimitReached'],
    ['EMFILE', 'connect', 'LimitReached'],
    ['ENFILE', 'open', 'LimitReached'],
    ['EAGAIN', 'spawn git', 'LimitReached'],
    ['ENOMEM', 'spawn git', 'LimitReached'],
    ['ENOENT', 'spawn git', 'GitMissing'],
    ['EACCES', 'spawn git', 'GitMissing'],
    ['GIT_ENDED', undefined, 'GitEnded'],
  ])('knows %s of %s as %s, also as the cause of another error', (code, syscall, reason) => {
    const error = failed(code, syscall);
    for (const thrown of [error, new Error('outer', { cause: error })]) {
      const fault = systemFault(thrown);
      expect(fault).toMatchObject({ code: 'unavailable', reason });
      expect(fault?.message).toMatch(/^[A-Zg].+\.$/);
      expect(fault?.message).not.toContain('/secret');
      expect(fault?.cause).toBe(thrown);
    }
  });

  it.each([
    ['EACCES', 'connect'],
    ['EPERM', 'connect'],
    ['EAGAIN', 'getaddrinfo'],
    ['ECONNREFUSED', 'connect'],
    ['ENOENT', 'open'],
    ['53100', undefined],
  ])('takes %s of %s for something else', (code, syscall) => {
    expect(systemFault(failed(code, syscall))).toBeUndefined();
  });

  it('has a condition with something to do for each reason', () => {
    for (const reason of MACHINE_REASONS)
      expect(stated('Ready', reason, 'So it is.').message).toMatch(/^So it is\. .+\.$/);
  });
});
