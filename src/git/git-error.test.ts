import { describe, expect, it } from 'vitest';
import { HostRefusedError } from '../net/host-policy.js';
import { isWantOfRight, networkError, reasonIn, statusError } from './git-error.js';
import { gitFailure } from './native/git-failure.js';
import { GitError } from './port.js';

describe('statusError', () => {
  it.each([
    [401, 'authenticationFailed'],
    [403, 'authenticationFailed'],
    [404, 'notFound'],
    [413, 'tooLarge'],
    [302, 'protocol'],
    [429, 'unreachable'],
    [500, 'unreachable'],
    [503, 'unreachable'],
  ])('%i is %s', (status, code) => {
    expect(statusError(status, 'git.example.com')).toMatchObject({ code, data: { status } });
  });
});

describe('reasonIn', () => {
  it.each([
    ['text/plain; charset=utf-8', '\n  Archived.\u001b \nMore', 'Archived.'],
    ['application/json', '{"message": "Your IP is not allowed.\\nx"}', 'Your IP is not allowed.'],
    ['application/problem+json', '{"message": 5}', '5'],
    ['application/json', '{"message"', null],
    ['application/json', '[]', null],
    ['text/html', '<p>Forbidden</p>', null],
    ['text/plain', ' \n ', null],
    ['text/plain', 'x'.repeat(300), 'x'.repeat(200)],
    ['undefined', 'x', null],
  ])('%s %j says %j', (contentType, body, reason) => {
    expect(reasonIn(body, contentType)).toBe(reason);
  });
});

describe('networkError', () => {
  const withCode = (code: string, cause?: Error) => Object.assign(new Error('secret detail', { cause }), { code });

  it.each([
    ['ENOTFOUND', 'unreachable'],
    ['ECONNREFUSED', 'unreachable'],
    ['ECONNRESET', 'unreachable'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'unreachable'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
    ['UND_ERR_BODY_TIMEOUT', 'timeout'],
    ['ETIMEDOUT', 'timeout'],
  ])('%s is %s, also as a cause', (code, expected) => {
    for (const error of [withCode(code), new TypeError('fetch failed', { cause: withCode(code) })]) {
      const result = networkError(error, 'git.example.com');
      expect(result.code).toBe(expected);
      expect(result.message).toContain('git.example.com');
      expect(result.message).not.toContain('secret');
    }
  });

  it('says why the host policy refuses a host, also as a cause', () => {
    const refusal = new HostRefusedError('notPublic', 'No.');
    for (const error of [refusal, new Error('connect', { cause: refusal })]) {
      expect(networkError(error, 'x')).toMatchObject({ code: 'hostRefused', message: 'No.' });
    }
  });

  it('lets a GitError through as it is', () => {
    const error = new GitError('tooLarge', 'no');
    expect(networkError(new Error('connect', { cause: error }), 'x')).toBe(error);
  });
});

describe('isWantOfRight', () => {
  const ssh = (words: string) =>
    gitFailure(`${words}\nfatal: Could not read from remote repository.\n`, { host: 'h', signedIn: true }) as GitError;
  const hook = (remarks: string, reason = 'pre-receive hook declined') =>
    new GitError('rejected', 'x', { remarks, refs: [{ ref: 'refs/heads/drafts/permission/denied', reason }] });

  it.each([
    statusError(401, 'h'),
    statusError(403, 'h'),
    statusError(404, 'h'),
    ssh('ERROR: The key you are authenticating with has been marked as read only.'),
    ssh('ERROR: Permission to o/r.git denied to deploy-key.'),
    ssh('remote: ERROR: This deploy key does not have write access to this project.'),
    hook('GitLab: You are not allowed to push code to protected branches on this project.'),
    hook("TF401027: You need the Git 'GenericContribute' permission to perform this action.", 'x'),
    hook('', 'prohibited by Gerrit: not permitted: create'),
    hook('', 'protected branch hook declined'),
  ])('%s is', (error) => expect(isWantOfRight(error)).toBe(true));

  it.each([
    statusError(429, 'h'),
    statusError(413, 'h'),
    statusError(503, 'h'),
    hook('A file is larger than 100 MB.'),
    hook('Secrets are not allowed in files.'),
    hook('Commit messages need a ticket.'),
    new GitError('busy', 'The remote does not change x (failed to lock).'),
    new GitError('unreachable', 'x'),
  ])('%s is not', (error) => expect(isWantOfRight(error)).toBe(false));

  it('gives the words of a host that lets a key only read', () => {
    expect(ssh('ERROR: The key is marked as read only.').message).toBe(
      'h refuses access: The key is marked as read only.',
    );
  });
});
