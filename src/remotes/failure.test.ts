import { describe, expect, it } from 'vitest';
import { networkError, statusError } from '../git/git-error.js';
import { gitFailure } from '../git/native/git-failure.js';
import { GitError } from '../git/port.js';
import { notPublic } from '../net/host-policy.js';
import { toDomainError, unreadable } from './failure.js';

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

describe('the condition of a repository that cannot be read', () => {
  const CHANGE = 'Change the credential’s secret, or give the repository one (git.credentialId).';

  it.each([
    [
      'no credential',
      statusError(401, 'h', { signedIn: false }),
      `h refuses access (HTTP 401). It was asked without a credential. ${CHANGE}`,
    ],
    ['another credential', statusError(403, 'h'), `h refuses access (HTTP 403). ${CHANGE}`],
    [
      'reasons without a full stop',
      statusError(403, 'h', { reason: 'archived' }),
      `h refuses access (HTTP 403): archived. ${CHANGE}`,
    ],
    [
      'another key',
      gitFailure('git@h: Permission denied (publickey).', { host: 'h', signedIn: true }),
      `h does not accept the key. ${CHANGE}`,
    ],
    [
      'another address',
      statusError(302, 'h'),
      'h redirects to another address, which is not followed. Correct git.url.',
    ],
    [
      'a private address',
      networkError(notPublic('10.1.1.1'), ''),
      '10.1.1.1 is not on the public internet. Name it in GIT_ALLOWED_HOSTS if it is meant.',
    ],
  ])('says each thing once: %s', (_, error, message) => {
    expect(unreadable(toDomainError(error))?.message).toBe(message);
  });
});

describe('what git says of its own machine', () => {
  const reasonOf = (stderr: string) =>
    unreadable(toDomainError(gitFailure(`${stderr}\n`, { host: 'h', signedIn: true })))?.reason;

  it.each([
    ['fatal: write error: No space left on device', 'DiskFull'],
    ['error: file write error: No space left on device\nfatal: unable to write loose object file', 'DiskFull'],
    ['fatal: write error: Disk quota exceeded', 'DiskFull'],
    ["fatal: Unable to create temporary file '/x/objects/pack/tmp_pack_X': Permission denied", 'DiskNotWritable'],
    ['error: insufficient permission for adding an object to repository database', 'DiskNotWritable'],
    ['fatal: unable to create temporary file: Read-only file system', 'DiskNotWritable'],
    ['fatal: read error: Input/output error', 'DiskFailing'],
    ['fatal: unable to open x: Too many open files', 'LimitReached'],
    ['error: cannot fork() for index-pack: Resource temporarily unavailable', 'LimitReached'],
    ['fatal: Out of memory, malloc failed', 'LimitReached'],
    ['error: index-pack died of signal 9', 'GitEnded'],
    ['remote: fatal: write error: No space left on device\nfatal: early EOF', 'Unreachable'],
    ['git@h: Permission denied (publickey).', 'AuthenticationFailed'],
  ])('%s: %s', (stderr, reason) => {
    expect(reasonOf(stderr)).toBe(reason);
  });
});
